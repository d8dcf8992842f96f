/** Views of a token as Markdown for a hover. Text of files passes through `codeMarkdown` only. */
import { percent, signed } from '../../shared/format';
import { t } from '../../shared/l10n';
import { hasPlace } from '../../models/bridges/steering';
import { parseNode } from '../../models/transformer/nodes';
import { nodeLabel, nodePlace } from '../interventions/describe';
import { codeMarkdown, escapeMarkdown } from '../text/visible';
import type { ShownToken } from '../trace/shownToken';
import type { Candidate, Surprise } from '../trace/tokenView';
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
  const changed = view.inForce.ablations > 0;
  // Two bars and the nodes would not fit side by side.
  const next = changed ? [t('next'), t('without'), t('with')] : [t('next'), '', ''];
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
    `**${codeMarkdown(view.text)}**${partText(view)} · ${surpriseText(content)}`,
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

interface Column {
  readonly title: string;
  readonly align: ':--' | '--:';
}

function nodeHead({ detail }: HoverContent): Column[] {
  return [
    { title: GAP + t('top nodes'), align: ':--' },
    ...(detail === 'full' ? [{ title: t('activation'), align: '--:' } as const] : []),
    { title: GAP + t('effect'), align: '--:' },
    { title: '', align: ':--' },
  ];
}

function nodeCells(
  { node, activation, effect, meaning, scores }: NodeRow,
  content: HoverContent,
): string[] {
  const { config, detail } = content;
  const full = nodeLabel(node, config);
  const name =
    meaning === null ? full : `${detail === 'full' ? full : nodePlace(node, config)} ${meaning}`;
  const shown = escapeMarkdown(name).replaceAll('&#32;', '&nbsp;');
  const title = [t('{0}: color this file by it', full), ...(scores === null ? [] : [scores])].join(
    ' · ',
  );
  return [
    GAP + commandLink(shown, 'circuitscope.highlightNode', { node }, title),
    ...(detail === 'full' ? [signed(activation)] : []),
    `${GAP}**${signed(effect)}**`,
    acts(node, content),
  ];
}

/** What can be done with a node. */
function acts(node: string, { place, config, bridgedTo, detail }: HoverContent): string {
  const ablate = commandLink(
    t('ablate'),
    'circuitscope.ablateNode',
    { ...place, node },
    t('Switch the node off'),
  );
  if (bridgedTo === null || detail === 'compact') return ablate;
  if (!hasPlace(parseNode(node, config), config)) return ablate;
  const steer = commandLink(
    t('steer'),
    'circuitscope.steerDense',
    { ...place, node },
    t('Steer {0} with this node', bridgedTo),
  );
  return `${ablate}${GAP}${steer}`;
}

function candidateCells(candidate: Candidate): string[] {
  const { share, before, observed } = candidate;
  const shown = `${tokenMarkdown(candidate)}${observed ? '&nbsp;◂' : ''}`;
  if (before !== null) return [shown, numberCell(before), numberCell(share)];
  const style = 'color:var(--vscode-circuitscope-bar);';
  return [shown, `<span style="${style}">${bar(share)}</span>`, numberCell(share)];
}

function numberCell(share: number): string {
  return escapeMarkdown(percent(share)).replaceAll('&#32;', '&nbsp;');
}

function links({ place, whyNot, detail }: HoverContent): string {
  const whyNotText = whyNot === null ? '' : t('Why not {0}?', tokenMarkdown(whyNot));
  const short = [
    commandLink(
      t('Open circuit'),
      'circuitscope.openCircuit',
      place,
      t('Show the circuit beside the text'),
    ),
    ...(whyNot === null
      ? []
      : [
          commandLink(
            whyNotText,
            'circuitscope.showEffects',
            { ...place, whyNot: true },
            t('Rank nodes by their effect on the prediction against the token in the file'),
          ),
        ]),
  ];
  const more = commandLink(
    t('More'),
    'circuitscope.toggleHoverDetail',
    place,
    t('Show detailed hovers'),
  );
  if (detail === 'compact') return [...short, more].join(' · ');
  return [
    ...short,
    commandLink(
      t('All effects…'),
      'circuitscope.showEffects',
      place,
      t('Rank all nodes by their effect'),
    ),
    commandLink(t('Ablate…'), 'circuitscope.ablateNode', place, t('Choose a node to switch off')),
    commandLink(
      t('Color the file…'),
      'circuitscope.highlightNode',
      place,
      t('Color the file by a node'),
    ),
    commandLink(t('Ablations…'), 'circuitscope.toggleAblation', {}, t('List the ablations')),
    commandLink(t('Less'), 'circuitscope.toggleHoverDetail', place, t('Show compact hovers')),
  ].join(' · ');
}

/** A token, and that it is a part of a character, on one line. */
function tokenMarkdown(token: ShownToken): string {
  return `${codeMarkdown(token.text)}${partText(token)}`.replaceAll(' ', '&nbsp;');
}

/** That a token is a part of the character. */
function partText({ part, partial }: ShownToken): string {
  if (part) return ` ${t('(part {0} of {1} of this character)', part.index + 1, part.count)}`;
  return partial ? ` ${t('(part of a character)')}` : '';
}

function surpriseText({ view, detail }: HoverContent): string {
  const { surprise, surpriseBefore, token } = view;
  const number = detail === 'full' ? `${t('token {0}', token)} · ` : '';
  if (!surpriseBefore) return `${number}${one(surprise)}`;
  return number + t('{0} → {1} with ablations', one(surpriseBefore), one(surprise));
}

/** `6.1 bits of surprise (12th likeliest)`. */
function one({ bits, rank }: Surprise): string {
  const guess = rank === 1 ? t('most likely') : t('rank {0}', rank);
  return t('surprise {0} bits ({1})', bits.toFixed(1), guess);
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}
