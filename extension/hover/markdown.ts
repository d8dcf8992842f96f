/** Views of a token as Markdown for a hover. Text of files passes through `codeMarkdown` only. */
import type { TransformerConfig } from '../../models/transformer/config';
import { nodeLabel, signed } from '../interventions/describe';
import { codeMarkdown, escapeMarkdown } from '../text/visible';
import type { Candidate, Surprise, TokenView } from '../trace/tokenView';
import { commandLink, type LinkPlace } from './links';

const BAR_WIDTH = 12;
const BLOCKS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** A node with its effect, where that is known. */
export interface NodeRow {
  readonly node: string;
  readonly activation: number;
  /** Nats; null while it is being computed. */
  readonly effect: number | null;
}

/** The token, how surprising it was, and what the model expects next. */
export function predictionMarkdown(view: TokenView): string {
  const changed = view.interventions > 0;
  const head = changed
    ? '| | without | | with | |\n|:--|:--|--:|:--|--:|'
    : '| | | |\n|:--|:--|--:|';
  const rows = view.candidates.map((candidate) => candidateRow(candidate));
  const title =
    `**${codeMarkdown(view.text)}**  token ${view.token} · ` +
    `surprise ${surpriseText(view)} · what comes next:`;
  return [title, '', head, ...rows].join('\n');
}

/** The strongest nodes, and links. */
export function nodesMarkdown(
  rows: readonly NodeRow[],
  config: TransformerConfig,
  place: LinkPlace,
  note: string,
): string {
  const lines = rows.map(({ node, activation, effect }) => {
    const name = escapeMarkdown(nodeLabel(node, config));
    const cells = [
      commandLink(name, 'circuitscope.highlightNode', { node }, 'Color this file by the node'),
      signed(activation),
      effect === null ? '' : `**${signed(effect)}**`,
      commandLink('ablate', 'circuitscope.ablateNode', { ...place, node }, 'Switch the node off'),
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return [
    '| node | activation | effect (nats) | |',
    '|:--|--:|--:|:--|',
    ...lines,
    '',
    `<small>${escapeMarkdown(note)}</small>`,
    '',
    [
      commandLink('Ablate…', 'circuitscope.ablateNode', place, 'Choose a node to switch off'),
      commandLink('All effects', 'circuitscope.showEffects', place, 'Rank nodes by their effect'),
      commandLink('Highlight…', 'circuitscope.highlightNode', place, 'Color the file by a node'),
      commandLink('Ablations', 'circuitscope.toggleAblation', {}, 'List what is switched off'),
    ].join(' · '),
  ].join('\n');
}

/** A bar for a share from 0 to 1, in eighths of a character. */
export function bar(share: number): string {
  const eighths = Math.round(share * BAR_WIDTH * 8);
  return '█'.repeat(Math.floor(eighths / 8)) + BLOCKS[eighths % 8] || '▏';
}

/** A share as a percentage with as many digits as matter. */
export function percent(share: number): string {
  const value = 100 * share;
  return `${value >= 99.95 || value < 0.05 ? value.toFixed(0) : value.toFixed(1)} %`;
}

function surpriseText({ surprise, surpriseBefore }: TokenView): string {
  if (!surpriseBefore) return `${one(surprise)}, rank ${surprise.rank}`;
  return `${one(surpriseBefore)}, rank ${surpriseBefore.rank} → ${one(surprise)}, rank ${surprise.rank}`;
}

function one({ bits }: Surprise): string {
  return `${bits.toFixed(1)} bits`;
}

function candidateRow({ text, share, before, observed }: Candidate): string {
  const name = `${codeMarkdown(text)}${observed ? ' ◂' : ''}`;
  const cells = [
    ...(before === null ? [] : [coloredBar(before, 'blue'), percent(before)]),
    coloredBar(share, before === null ? 'blue' : 'orange'),
    percent(share),
  ];
  return `| ${[name, ...cells].join(' | ')} |`;
}

function coloredBar(share: number, color: 'blue' | 'orange'): string {
  return `<span style="color:var(--vscode-charts-${color});">${bar(share)}</span>`;
}
