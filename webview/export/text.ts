/** The circuit in words and numbers: as Markdown for a note, and as a page of its own. */
import { effectOf } from '../effect';
import type { Shown } from '../filter';
import { percent, signed } from '../format';
import type { Model } from '../model';
import { escapeMarkup } from './markup';

/** What the exported text is about, in one line. */
export function titleOf({ subject }: Model): string {
  if (!subject) return 'Circuit';
  const { cursor, reader, target, file, mode, model } = subject;
  const place = `${file}:${cursor.line + 1}:${cursor.column + 1}, ${model}`;
  if (mode === 'next') return `After ${cursor.text}: ${target.text} (${place})`;
  return `Why ${cursor.text} after ${reader.text} (${place})`;
}

/** A note with the prediction, the ablations and the nodes by effect. */
export function markdownOf(model: Model, { nodes }: Shown): string {
  const cell = (text: string) => escapeMarkup(text);
  const lines = [`**${cell(titleOf(model))}**`, ''];
  for (const [head, rows] of tables(model, nodes)) {
    if (rows.length === 0) continue;
    lines.push(row(head), row(head.map((_, i) => (i === 0 ? ':--' : '--:'))));
    lines.push(...rows.map((cells) => row(cells.map(cell))), '');
  }
  return lines.join('\n');
}

/** A page that needs nothing else: picture, prediction, ablations and nodes. */
export function htmlOf(model: Model, shown: Shown, svg: string): string {
  const title = escapeMarkup(titleOf(model));
  const table = ([head, rows]: Table) =>
    rows.length === 0
      ? ''
      : `<table><thead><tr>${head.map((text) => `<th>${escapeMarkup(text)}</th>`).join('')}</tr></thead><tbody>${rows
          .map(
            (cells) => `<tr>${cells.map((text) => `<td>${escapeMarkup(text)}</td>`).join('')}</tr>`,
          )
          .join('\n')}</tbody></table>`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${title}</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<style>body{font:14px/1.5 sans-serif;margin:24px;max-width:1200px}table{border-collapse:collapse;margin:16px 0}td,th{padding:2px 12px 2px 0;text-align:left;unicode-bidi:isolate}svg{max-width:100%;height:auto}</style>
</head><body><h1>${title}</h1>
${svg}
${tables(model, shown.nodes).map(table).join('\n')}
</body></html>
`;
}

type Table = readonly [head: readonly string[], rows: readonly (readonly string[])[]];

function tables({ prediction, ablations }: Model, nodes: Shown['nodes']): Table[] {
  const changed = (prediction?.ablations ?? 0) > 0;
  const candidates = (prediction?.candidates ?? []).map(({ text, before, now }) => [
    text,
    percent(before),
    ...(changed ? [percent(now)] : []),
  ]);
  const on = ablations.entries.filter((entry) => entry.on && entry.acts);
  const channels = nodes
    .filter(({ role }) => role === 'channel')
    .sort((a, b) => Math.abs(effectOf(b)) - Math.abs(effectOf(a)));
  return [
    [changed ? ['next token', 'before', 'after'] : ['next token', 'share'], candidates],
    [['ablation', 'where'], on.map(({ label, change, where }) => [`${label} ${change}`, where])],
    [
      ['node', 'name', 'at', 'activation', 'effect (nats)'],
      channels.map(({ label, node, at, activation, effect }) => [
        label,
        node ?? '',
        at ?? '',
        signed(activation),
        effect === null ? '' : signed(effect, 3),
      ]),
    ],
  ];
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}
