/** The circuit in words and numbers: as Markdown for a note, and as a page of its own. */
import { series, spoken, t } from '../../shared/l10n';
import { percent, signed } from '../../shared/format';
import { titleText } from '../../shared/title';
import { effectOf } from '../effect';
import type { Model } from '../model';
import type { Part } from '../part';
import type { GraphNode } from '../protocol';
import { membersOf } from '../supernodes';
import { sharesOf } from '../shares';
import { codeSpan, escapeMarkup } from './markup';
import { nodeText } from './notes';

/** What the exported text is about, in one line. */
export function titleOf({ subject }: Pick<Model, 'subject'>): string {
  if (!subject) return t('Circuit');
  const { cursor, file, model } = subject;
  const { other } = subject;
  if (other)
    return t(
      '{0}, compared with ‘{1}’',
      titleOf({ subject: { ...subject, other: null } }),
      other.line,
    );
  return `${titleText(subject)} (${file}:${cursor.line + 1}:${cursor.column + 1}, ${model})`;
}

/** A note with the prediction, the ablations and the nodes by effect. */
export function markdownOf(model: Model, { single }: Part): string {
  const lines = [codeSpan(titleOf(model)), ''];
  for (const { head, rows } of tables(model, single)) {
    if (rows.length === 0) continue;
    lines.push(row(head.map(({ title }) => title)));
    lines.push(row(head.map(({ number }) => (number ? '--:' : ':--'))));
    // Numbers are ours; everything else may be anybody's text.
    const cell = (text: string, i: number) => (head[i].number ? text : codeSpan(text));
    lines.push(...rows.map((cells) => row(cells.map(cell))), '');
  }
  return lines.join('\n');
}

/** A page that needs nothing else: picture, prediction, ablations and nodes. */
export function htmlOf(model: Model, { single }: Part, svg: string): string {
  const title = escapeMarkup(titleOf(model));
  const table = ({ head, rows }: Table) =>
    rows.length === 0
      ? ''
      : `<table><thead><tr>${head.map(({ title }) => `<th>${escapeMarkup(title)}</th>`).join('')}</tr></thead><tbody>${rows
          .map(
            (cells) => `<tr>${cells.map((text) => `<td>${escapeMarkup(text)}</td>`).join('')}</tr>`,
          )
          .join('\n')}</tbody></table>`;
  return `<!doctype html>
<html lang="${spoken().name}"><head><meta charset="utf-8"><title>${title}</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<style>body{font:14px/1.5 sans-serif;margin:24px;max-width:1200px}table{border-collapse:collapse;margin:16px 0}td,th{padding:2px 12px 2px 0;text-align:left;unicode-bidi:isolate}svg{max-width:100%;height:auto}</style>
</head><body><h1>${title}</h1>
${svg}
${tables(model, single).map(table).join('\n')}
</body></html>
`;
}

interface Column {
  readonly title: string;
  readonly number: boolean;
}
interface Table {
  readonly head: readonly Column[];
  readonly rows: readonly (readonly string[])[];
}

/** Columns of text, then columns of numbers. */
function columns(texts: readonly string[], numbers: readonly string[]): Column[] {
  return [
    ...texts.map((title) => ({ title, number: false })),
    ...numbers.map((title) => ({ title, number: true })),
  ];
}

function tables(model: Model, nodes: readonly GraphNode[]): Table[] {
  const { prediction, ablations, marks, meanings } = model;
  const compared = prediction?.compared === true;
  const changed = compared || (prediction?.inForce.ablations ?? 0) > 0;
  const candidates = (prediction?.candidates ?? []).map(({ text, before, now, ablated }) => [
    text,
    percent(before),
    ...(changed ? [percent(now)] : []),
    ...(ablated === undefined ? [] : [percent(ablated)]),
  ]);
  const noted = nodes.some(({ id }) => marks.nodes.has(id));
  const on = ablations.entries.filter((entry) => entry.on && entry.acts);
  const channels = nodes
    .filter(({ role }) => role === 'channel')
    .sort((a, b) => Math.abs(effectOf(b)) - Math.abs(effectOf(a)));
  return [
    {
      head: columns([t('next token')], prediction ? sharesOf(prediction) : []),
      rows: candidates,
    },
    {
      head: columns([t('ablation'), t('where')], []),
      rows: on.map(({ label, change, where }) => [`${label} ${change}`, where]),
    },
    groupTable(model, nodes),
    {
      head: columns(
        [t('node'), t('name'), t('at'), t('about'), ...(noted ? [t('group'), t('note')] : [])],
        [t('activation'), ...(compared ? [t('in the other text')] : []), t('effect (nats)')],
      ),
      rows: channels.map(({ id, label, node, at, activation, other = activation, effect }) => {
        const { group = '', note = '' } = marks.nodes.get(id) ?? {};
        return [
          ...[label, node ?? '', at ?? '', meanings.get(node ?? '') ?? ''],
          ...(noted ? [group, note] : []),
          ...(compared ? [signed(activation), signed(other)] : [signed(activation)]),
          ...[effect === null ? '' : signed(effect, 3)],
        ];
      }),
    },
  ];
}

function groupTable({ marks }: Model, nodes: readonly GraphNode[]): Table {
  const groups = membersOf({ nodes }, marks);
  return {
    head: columns([t('group'), t('its nodes'), t('note')], [t('sum of effects (nats)')]),
    rows: marks.groups.flatMap(({ name, note }) => {
      const own = groups.get(name);
      if (!own) return [];
      const sum = own.reduce((total, node) => total + effectOf(node), 0);
      return [[name, series(own.map(nodeText)), note, signed(sum, 3)]];
    }),
  };
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}
