/** Views of a token as Markdown for a hover. Text of files passes through `codeMarkdown` only. */
import type { TransformerConfig } from '../../models/transformer/config';
import { nodeLabel, signed } from '../interventions/describe';
import { codeMarkdown, escapeMarkdown } from '../text/visible';
import type { Candidate, Surprise, TokenView } from '../trace/tokenView';
import { commandLink, type LinkPlace } from './links';

const BAR_WIDTH = 10;
/** Two bars stand side by side when there is a before. */
const NARROW_BAR_WIDTH = 6;
const BLOCKS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];
/** Keeps columns apart. */
const GAP = '&nbsp;&nbsp;';

/** A node with its effect, where that is known. */
export interface NodeRow {
  readonly node: string;
  readonly activation: number;
  /** Nats; null while it is being measured. */
  readonly effect: number | null;
}

/** What a hover is about. */
export interface HoverContent {
  readonly view: TokenView;
  /** The strongest nodes, by effect or, while that is being measured, by activation. */
  readonly rows: readonly NodeRow[];
  readonly config: TransformerConfig;
  readonly place: LinkPlace;
  /** Labels that people gave to nodes. */
  readonly labels: ReadonlyMap<string, string>;
  /** What the effects are about, or that they are still to come. */
  readonly note: string;
}

/** The token and its surprise; what comes next beside the strongest nodes; links. */
export function hoverMarkdown(content: HoverContent): string {
  const { view, rows, place, note } = content;
  const { candidates } = view;
  const changed = view.interventions > 0;
  const next = changed ? ['next', '', 'without', '', 'with'] : ['next', '', ''];
  const empty = next.map(() => '');
  const aligned = [':--', ...(changed ? [':--', '--:'] : []), ':--', '--:'];
  const lines = Array.from({ length: Math.max(candidates.length, rows.length) }, (_, i) => [
    ...(i < candidates.length ? candidateCells(candidates[i]) : empty),
    GAP,
    ...(i < rows.length ? nodeCells(rows[i], content) : []),
  ]);
  return [
    `**${codeMarkdown(view.text)}** · token ${view.token} · surprise ${surpriseText(view)}`,
    '',
    line([...next, GAP, ...nodeHead(content)]),
    line([...aligned, ':--', ...NODE_ALIGNED]),
    ...lines.map(line),
    '',
    links(place),
    '',
    `<small>${escapeMarkdown(note)}</small>`,
  ].join('\n');
}

/** The nodes alone, for effects that come after the rest. */
export function effectsMarkdown(content: HoverContent): string {
  return [
    line(nodeHead(content)),
    line(NODE_ALIGNED),
    ...content.rows.map((row) => line(nodeCells(row, content))),
    '',
    `<small>${escapeMarkdown(content.note)}</small>`,
  ].join('\n');
}

/** A bar for a share from 0 to 1, in eighths of a character. */
export function bar(share: number, width = BAR_WIDTH): string {
  const eighths = Math.round(share * width * 8);
  return '█'.repeat(Math.floor(eighths / 8)) + BLOCKS[eighths % 8] || '▏';
}

/** A share as a percentage with as many digits as matter. */
export function percent(share: number): string {
  const value = 100 * share;
  if (value < 0.05) return '<0.1 %';
  return `${value >= 99.95 ? '100' : value.toFixed(1)} %`;
}

const NODE_ALIGNED = [':--', '--:', '--:', ':--'];

function nodeHead({ rows }: HoverContent): string[] {
  const measured = rows.every(({ effect }) => effect !== null);
  const effect = `${GAP}effect&nbsp;(nats)`;
  return [measured ? 'largest effect' : 'most active node', 'activation', effect, ''];
}

function nodeCells({ node, activation, effect }: NodeRow, { config, place, labels }: HoverContent) {
  const label = labels.get(node) ?? nodeLabel(node, config);
  const name = escapeMarkdown(label).replaceAll('&#32;', '&nbsp;');
  return [
    commandLink(name, 'circuitscope.highlightNode', { node }, 'Color this file by the node'),
    signed(activation),
    effect === null ? '…' : `**${signed(effect)}**`,
    commandLink('ablate', 'circuitscope.ablateNode', { ...place, node }, 'Switch the node off'),
  ];
}

function candidateCells({ text, share, before, observed }: Candidate): string[] {
  const shown = `${codeMarkdown(text)}${observed ? '&nbsp;◂' : ''}`;
  if (before === null) return [shown, ...shareCells(share, BAR_WIDTH, 'bar')];
  const [bar, number] = shareCells(before, NARROW_BAR_WIDTH, 'bar');
  return [shown, bar, number + GAP, ...shareCells(share, NARROW_BAR_WIDTH, 'barChanged')];
}

/** A bar in one of our colors, and the number. */
function shareCells(share: number, width: number, color: 'bar' | 'barChanged'): string[] {
  const style = `color:var(--vscode-circuitscope-${color});`;
  const number = escapeMarkdown(percent(share)).replaceAll('&#32;', '&nbsp;');
  return [`<span style="${style}">${bar(share, width)}</span>`, number];
}

function links(place: LinkPlace): string {
  return [
    commandLink('Ablate…', 'circuitscope.ablateNode', place, 'Choose a node to switch off'),
    commandLink(
      'Open circuit',
      'circuitscope.openCircuit',
      place,
      'Show the circuit beside the text',
    ),
    commandLink('All effects…', 'circuitscope.showEffects', place, 'Rank nodes by their effect'),
    commandLink('Highlight…', 'circuitscope.highlightNode', place, 'Color the file by a node'),
    commandLink('Ablations…', 'circuitscope.toggleAblation', {}, 'List what is switched off'),
  ].join(' · ');
}

function surpriseText({ surprise, surpriseBefore }: TokenView): string {
  if (!surpriseBefore) return one(surprise);
  return `${one(surpriseBefore)} → ${one(surprise)} with ablations`;
}

function one({ bits, rank }: Surprise): string {
  return `${bits.toFixed(1)} bits (rank ${rank})`;
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}
