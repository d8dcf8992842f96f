/** The attention of one head: a heat map over the window, and arcs from the token that reads. */
import { button, code, el, fill } from '../dom';
import { percent, signed } from '../format';
import type { Model } from '../model';
import type { Attention, Match } from '../protocol';
import { mixed, readTheme } from '../theme';
import { arcs } from './arcs';

/** Pixels a cell takes at least and at most. */
const CELL = { least: 2, most: 14 };
/** Pixels that the map is high at most, unless its cells are at their least. */
const HIGHEST = 440;
const SINK_GAP = 2;

export interface AttentionEvents {
  head(layer: number, head: number): void;
  match(key: number): void;
  reveal(token: number): void;
}

/** Fills the view. */
export function showAttention(root: HTMLElement, model: Model, events: AttentionEvents): void {
  const { attention, match } = model;
  if (!attention) {
    fill(root, el('p', { class: 'muted' }, 'Reading the attention…'));
    return;
  }
  const said = el('p', { class: 'muted', role: 'status' }, summary(attention));
  fill(
    root,
    el('div', { class: 'row' }, headMenu(attention, events), said),
    arcs(attention, events),
    match && matchTable(match),
    heatMap(attention, said, events, root.clientWidth),
  );
}

function headMenu({ layer, head, layers, heads }: Attention, events: AttentionEvents): HTMLElement {
  const menu = el<HTMLSelectElement>('vscode-dropdown', { 'aria-label': 'Head', class: 'head' });
  for (let l = 0; l < layers; l++) {
    for (let h = 0; h < heads; h++) {
      const selected = l === layer && h === head;
      menu.append(el('vscode-option', { value: `${l}.${h}`, selected }, `Layer ${l}, head ${h}`));
    }
  }
  menu.addEventListener('change', () => {
    const [l, h] = menu.value.split('.').map(Number);
    if (l !== layer || h !== head) events.head(l, h);
  });
  return menu;
}

function summary({ rows, sink, reader, texts }: Attention): string {
  const row = rows[reader];
  const best = row.reduce((top, share, i) => (share > row[top] ? i : top), 0);
  return `${texts[reader]} reads ${texts[best]} most (${percent(row[best])}); its sink takes ${percent(sink[reader])}.`;
}

/** Rows read, columns are read; the sink is the first column, apart from the tokens. */
function heatMap(
  attention: Attention,
  said: HTMLElement,
  events: AttentionEvents,
  width: number,
): HTMLElement {
  const { rows, sink, texts, start, reader } = attention;
  const size = rows.length;
  const fits = Math.floor(Math.min((width - 40) / (size + 1 + SINK_GAP), HIGHEST / size));
  const cell = Math.max(CELL.least, Math.min(CELL.most, fits));
  const theme = readTheme();
  const canvas = el<HTMLCanvasElement>('canvas', {
    width: (size + 1 + SINK_GAP) * cell,
    height: size * cell,
    class: 'heat',
    tabindex: 0,
    role: 'img',
    'aria-label': `Attention of layer ${attention.layer}, head ${attention.head}; ${summary(attention)}`,
  });
  const context = canvas.getContext('2d')!;
  const paint = (column: number, row: number, share: number) => {
    context.fillStyle = mixed(theme.background, theme.positive, Math.sqrt(share));
    context.fillRect(column * cell, row * cell, cell, cell);
  };
  rows.forEach((row, i) => {
    paint(0, i, sink[i]);
    row.forEach((share, j) => {
      paint(j + 1 + SINK_GAP, i, share);
    });
  });
  context.strokeStyle = theme.focus;
  context.strokeRect(0.5, reader * cell - 0.5, canvas.width - 1, cell + 1);
  context.strokeStyle = theme.border;
  context.strokeRect(0.5, 0.5, cell - 1, canvas.height - 1);
  const at = (event: MouseEvent) => ({
    row: Math.floor(event.offsetY / cell),
    column: Math.floor(event.offsetX / cell) - 1 - SINK_GAP,
  });
  canvas.addEventListener('mousemove', (event) => {
    const { row, column } = at(event);
    if (row < 0 || row >= size) return;
    if (column < -SINK_GAP) said.textContent = `${texts[row]} gives its sink ${percent(sink[row])}`;
    else if (column >= 0 && column <= row) {
      said.textContent = `${texts[row]} gives ${texts[column]} ${percent(rows[row][column])}`;
    }
  });
  canvas.addEventListener('click', (event) => {
    const { row } = at(event);
    if (start + row >= 0 && row < size) events.reveal(start + row);
  });
  return el(
    'figure',
    {},
    el(
      'figcaption',
      { class: 'muted' },
      'Each row reads; columns are read, oldest left. First column: the sink.',
    ),
    canvas,
  );
}

/** The products of query and key that make one score. */
function matchTable({ query, key, share, score, recency, parts }: Match): HTMLElement {
  const rows = parts.map(({ channel, q, k, product }) =>
    el(
      'tr',
      {},
      el('th', { scope: 'row' }, `channel ${channel}`),
      ...[q, k, product].map((value) => el('td', { class: 'number' }, signed(value))),
    ),
  );
  if (recency !== 0) {
    const cells = ['', '', signed(recency)].map((text) => el('td', { class: 'number' }, text));
    rows.push(el('tr', {}, el('th', { scope: 'row' }, 'distance'), ...cells));
  }
  const titles = ['', 'query', 'key', 'product (nats)'];
  return el(
    'section',
    { class: 'match' },
    el(
      'h3',
      {},
      code(query.text),
      ' reads ',
      code(key.text),
      ` ${percent(share)}: score ${signed(score)} nats`,
    ),
    el(
      'table',
      { class: 'outcomes' },
      el('thead', {}, el('tr', {}, ...titles.map((text) => el('th', { scope: 'col' }, text)))),
      el('tbody', {}, ...rows),
    ),
  );
}

/** A row of buttons for the tokens that are read, for who does not point. */
export function tokenButtons(attention: Attention, events: AttentionEvents): HTMLElement {
  const { rows, reader, texts, start } = attention;
  const strongest = rows[reader]
    .map((share, i) => ({ share, i }))
    .sort((a, b) => b.share - a.share)
    .slice(0, 6);
  return el(
    'div',
    { class: 'row' },
    ...strongest.map(({ share, i }) =>
      button(
        `${texts[i]} ${percent(share)}`,
        () => {
          events.match(start + i);
        },
        {
          title: `Why ${texts[i]}: query and key`,
        },
      ),
    ),
  );
}
