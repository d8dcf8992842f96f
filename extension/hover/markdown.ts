/** Views of a token as Markdown for a hover. Text of files passes through `codeMarkdown` only. */
import { nodeLabel, nodePlace, signed } from '../interventions/describe';
import { codeMarkdown, escapeMarkdown } from '../text/visible';
import type { Candidate, Surprise, TokenView } from '../trace/tokenView';
import type { HoverContent, NodeRow } from './content';
import { commandLink } from './links';

const BAR_WIDTH = 10;
const BLOCKS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];
/** Keeps columns apart. */
const GAP = '&nbsp;&nbsp;';

/** The token and its surprise; what comes next beside the nodes that it hangs on; links. */
export function hoverMarkdown(content: HoverContent): string {
  const { view, rows, note } = content;
  const { candidates } = view;
  const changed = view.interventions > 0;
  // Two bars and the nodes would not fit side by side.
  const next = changed ? ['next', 'without', 'with'] : ['next', '', ''];
  const nodes = rows.length > 0 ? nodeHead(content) : [];
  const empty = next.map(() => '');
  const count = Math.max(candidates.length, rows.length);
  const lines = Array.from({ length: count }, (_, i) => [
    ...(i < candidates.length ? candidateCells(candidates[i]) : empty),
    ...(nodes.length === 0
      ? []
      : i < rows.length
        ? nodeCells(rows[i], content)
        : nodes.map(() => '')),
  ]);
  const aligned = [':--', changed ? '--:' : ':--', '--:', ...nodes.map(({ align }) => align)];
  return [
    `**${codeMarkdown(view.text)}** ${partText(view)}· ${surpriseText(content)}`,
    '',
    line([...next, ...nodes.map(({ title }) => title)]),
    line(aligned),
    ...lines.map(line),
    '',
    links(content),
    '',
    `<small>${escapeMarkdown(note)}</small>`,
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

interface Column {
  readonly title: string;
  readonly align: ':--' | '--:';
}

function nodeHead({ detail }: HoverContent): Column[] {
  return [
    { title: `${GAP}because of`, align: ':--' },
    ...(detail === 'full' ? [{ title: 'activation', align: '--:' } as const] : []),
    { title: `${GAP}effect`, align: '--:' },
    { title: '', align: ':--' },
  ];
}

function nodeCells(
  { node, activation, effect, meaning }: NodeRow,
  content: HoverContent,
): string[] {
  const { config, place, detail } = content;
  const full = nodeLabel(node, config);
  const name =
    meaning === null ? full : `${detail === 'full' ? full : nodePlace(node, config)} ${meaning}`;
  const shown = escapeMarkdown(name).replaceAll('&#32;', '&nbsp;');
  const title = `${full}: color this file by it`;
  return [
    GAP + commandLink(shown, 'circuitscope.highlightNode', { node }, title),
    ...(detail === 'full' ? [signed(activation)] : []),
    `${GAP}**${signed(effect)}**`,
    commandLink('ablate', 'circuitscope.ablateNode', { ...place, node }, 'Switch the node off'),
  ];
}

function candidateCells({ text, partial, share, before, observed }: Candidate): string[] {
  const part = partial ? '&nbsp;part of a character' : '';
  const shown = `${codeMarkdown(text)}${part}${observed ? '&nbsp;◂' : ''}`;
  if (before !== null) return [shown, numberCell(before), numberCell(share)];
  const style = 'color:var(--vscode-circuitscope-bar);';
  return [shown, `<span style="${style}">${bar(share)}</span>`, numberCell(share)];
}

function numberCell(share: number): string {
  return escapeMarkdown(percent(share)).replaceAll('&#32;', '&nbsp;');
}

function links({ place, whyNot, detail }: HoverContent): string {
  const whyNotText = whyNot === null ? '' : `Why not ${codeMarkdown(whyNot)}?`;
  const short = [
    commandLink(
      'Open circuit',
      'circuitscope.openCircuit',
      place,
      'Show the circuit beside the text',
    ),
    ...(whyNot === null
      ? []
      : [
          commandLink(
            whyNotText,
            'circuitscope.showEffects',
            { ...place, whyNot: true },
            'Rank nodes by what they do for the prediction against what the file has',
          ),
        ]),
  ];
  const more = commandLink(
    'More',
    'circuitscope.toggleHoverDetail',
    place,
    'Show everything in hovers',
  );
  if (detail === 'compact') return [...short, more].join(' · ');
  return [
    ...short,
    commandLink(
      'All effects…',
      'circuitscope.showEffects',
      place,
      'Rank all nodes by their effect',
    ),
    commandLink('Ablate…', 'circuitscope.ablateNode', place, 'Choose a node to switch off'),
    commandLink('Highlight…', 'circuitscope.highlightNode', place, 'Color the file by a node'),
    commandLink('Ablations…', 'circuitscope.toggleAblation', {}, 'List what is switched off'),
    commandLink('Less', 'circuitscope.toggleHoverDetail', place, 'Show the least in hovers'),
  ].join(' · ');
}

/** That a token is a part of the character. */
function partText({ part }: TokenView): string {
  return part ? `(part ${part.index + 1} of ${part.count} of this character) ` : '';
}

function surpriseText({ view, detail }: HoverContent): string {
  const { surprise, surpriseBefore, token } = view;
  const number = detail === 'full' ? `token ${token} · ` : '';
  if (!surpriseBefore) return `${number}${one(surprise)}`;
  return `${number}${one(surpriseBefore)} → ${one(surprise)} with ablations`;
}

/** `6.1 bits of surprise (12th likeliest)`. */
function one({ bits, rank }: Surprise): string {
  return `surprise ${bits.toFixed(1)} bits (${rank === 1 ? 'expected most' : `guess ${rank}`})`;
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}
