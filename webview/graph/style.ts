/** How the circuit looks: every color comes from the theme, and none alone carries a meaning. */
import type { StylesheetJson } from 'cytoscape';
import { effectOf } from '../effect';
import type { GraphEdge, GraphNode } from '../protocol';
import { mixed, signedColor, type Theme } from '../theme';

const NODE_SIZE = 20;
/** Of nodes that only join others. */
export const JOINING_SIZE = 12;
const LETTER = 6.6;

/** Largest magnitudes of what is shown, which set the scales. */
export interface Scales {
  readonly activation: ReadonlyMap<number, number>;
  readonly effect: number;
}

/** The scales of a graph; activations by column, whose units differ. */
export function scalesOf(nodes: readonly GraphNode[]): Scales {
  const activation = new Map<number, number>();
  for (const node of nodes) {
    const { column, activation: before } = node;
    const own =
      node.other === undefined
        ? Math.max(Math.abs(before), Math.abs(node.now))
        : Math.abs(shownOf(node));
    activation.set(column, Math.max(activation.get(column) ?? 0, own));
  }
  const effect = nodes.reduce((top, node) => Math.max(top, Math.abs(effectOf(node))), 0);
  return { activation, effect };
}

/** What a node's color shows: its activation, or by how much it differs in another text. */
function shownOf({ activation, now, other }: GraphNode): number {
  return other === undefined ? now : other - activation;
}

/** What a node looks like. */
export interface NodeLook {
  readonly color: string;
  readonly borderColor: string;
  readonly borderWidth: number;
  readonly borderStyle: 'solid' | 'dotted' | 'dashed';
  readonly width: number;
  readonly height: number;
  readonly label: string;
  readonly textColor: string;
}

/** Width (pixels) of a node: a token's has its text inside. */
export function nodeWidth({ role, short }: GraphNode): number {
  return role === 'channel' ? NODE_SIZE : Math.max(NODE_SIZE, short.length * LETTER + 12);
}

/** What a node looks like among others. */
export function nodeLook(
  theme: Theme,
  scales: Scales,
  node: GraphNode,
  ablated: boolean,
): NodeLook {
  const share = scales.effect > 0 ? Math.abs(effectOf(node)) / scales.effect : 0;
  const opposes = effectOf(node) > 0;
  const strength = theme.highContrast ? 1 : 0.35 + 0.65 * share;
  const border = {
    borderColor: ablated ? theme.off : mixed(theme.background, theme.foreground, strength),
    borderWidth: ablated ? 3 : 1 + 4 * share,
    borderStyle: ablated ? 'dashed' : opposes ? 'dotted' : 'solid',
  } as const;
  if (node.role !== 'channel') {
    // Where the prediction is made, and what is predicted.
    const main = node.role === 'output' || (node.role === 'input' && node.at === null);
    const strong = theme.highContrast || main;
    const group = node.role === 'group';
    return {
      color: mixed(theme.background, theme.foreground, main ? 0.16 : 0.08),
      borderColor: mixed(theme.background, theme.foreground, strong ? 1 : 0.4),
      borderWidth: main ? 1.5 : 1,
      borderStyle: 'solid',
      width: nodeWidth(node),
      height: NODE_SIZE + 2,
      label: group && ablated ? `✕ ${node.short}` : node.short,
      textColor: theme.foreground,
      ...(group ? border : {}),
    };
  }
  return {
    color: signedColor(theme, shownOf(node), scales.activation.get(node.column) ?? 0),
    ...border,
    width: NODE_SIZE,
    height: NODE_SIZE,
    label: `${ablated ? '✕ ' : ''}${node.short}`,
    textColor: theme.foreground,
  };
}

/** What an edge looks like. */
export interface EdgeLook {
  readonly color: string;
  readonly width: number;
  readonly style: 'solid' | 'dashed' | 'dotted';
  readonly arrow: 'triangle' | 'tee';
}

/** What leads from token to token is dashed, what only moves attention is dotted. */
const LINES: Record<GraphEdge['kind'], EdgeLook['style']> = {
  ...{ weight: 'solid', residual: 'solid', logit: 'solid' },
  ...{ attention: 'dashed', key: 'dotted', query: 'dotted' },
};

/**
 * Blunt ends push down, as well as another color; attention is dashed. What is ablated has the color of
 * ablated nodes, and dots.
 * @param share of the largest contribution of its kind
 */
export function edgeLook(theme: Theme, share: number, edge: GraphEdge, ablated: boolean): EdgeLook {
  const arrow = edge.contribution < 0 ? 'tee' : 'triangle';
  if (ablated) return { color: theme.off, width: 2 + 3 * share, style: 'dotted', arrow };
  const hue = edge.contribution < 0 ? theme.negative : theme.positive;
  return {
    color: mixed(theme.background, hue, theme.highContrast ? 1 : 0.35 + 0.65 * Math.sqrt(share)),
    width: 0.8 + 5 * share,
    style: LINES[edge.kind],
    arrow,
  };
}

/** The sheet that reads the looks from the elements' data. */
export function stylesheet(theme: Theme): StylesheetJson {
  return [
    {
      selector: 'node',
      style: {
        shape: 'ellipse',
        'background-color': 'data(color)',
        'border-color': 'data(borderColor)',
        'border-width': 'data(borderWidth)',
        'border-style': 'data(borderStyle)' as 'solid',
        width: 'data(width)',
        height: 'data(height)',
        label: 'data(label)',
        color: 'data(textColor)',
        'font-family': theme.font,
        'font-size': 10.5,
        'min-zoomed-font-size': 6,
        'text-wrap': 'wrap',
        'text-valign': 'bottom',
        'text-margin-y': 3,
        'text-background-color': theme.background,
        'text-background-opacity': 0.6,
        'text-background-padding': '1px',
        'z-index': 10,
      },
    },
    {
      selector: 'node[role != "channel"]',
      style: {
        shape: 'round-rectangle',
        'font-family': theme.mono,
        'text-valign': 'center',
        'text-margin-y': 0,
        'text-background-opacity': 0,
      },
    },
    {
      selector: 'edge',
      style: {
        'line-color': 'data(color)',
        width: 'data(width)',
        'line-style': 'data(style)' as 'solid',
        'target-arrow-color': 'data(color)',
        'target-arrow-shape': 'data(arrow)' as 'triangle',
        'arrow-scale': 0.7,
        'curve-style': 'unbundled-bezier',
        'control-point-weights': 'data(curveWeights)' as unknown as string,
        'control-point-distances': 'data(curveDistances)' as unknown as string,
        'edge-distances': 'node-position',
        opacity: 0.85,
      },
    },
    { selector: 'edge.straight', style: { 'curve-style': 'haystack', 'haystack-radius': 0 } },
    {
      selector: 'node:selected',
      style: { 'outline-width': 3, 'outline-color': theme.focus, 'outline-offset': 2 } as object,
    },
    { selector: 'node.joining', style: { width: JOINING_SIZE, height: JOINING_SIZE } },
    {
      selector: 'edge.pointed, edge.chosen',
      style: {
        opacity: 1,
        'underlay-color': theme.focus,
        'underlay-opacity': 0.4,
        'underlay-padding': 3,
      } as object,
    },
    { selector: '.dim', style: { opacity: 0.12 } },
    { selector: '.lit', style: { opacity: 1, 'z-index': 20 } },
  ];
}
