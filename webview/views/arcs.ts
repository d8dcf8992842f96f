/** Arcs over the text, from the token that reads to those that it reads, thicker for larger shares. */
import { el } from '../dom';
import { percent } from '../format';
import type { Attention } from '../protocol';
import { tokenButtons, type AttentionEvents } from './attention';

const NAMESPACE = 'http://www.w3.org/2000/svg';
const LETTER = 7.3;
const PADDING = 5;
/** Tokens before the reader that have room. */
const SHOWN = 40;
const HEIGHT = 110;
/** Smaller shares are not drawn. */
const LEAST = 0.01;

/** The arcs of the reader, scrolled to it. */
export function arcs(attention: Attention, events: AttentionEvents): HTMLElement {
  const { rows, sink, reader, texts, start } = attention;
  const first = Math.max(0, reader + 1 - SHOWN);
  const own = texts.slice(first, reader + 1);
  const row = rows[reader].slice(first);
  let x = 40;
  const places = own.map((text) => {
    const width = Array.from(text).length * LETTER + 2 * PADDING;
    const place = { middle: x + width / 2, width };
    x += width;
    return place;
  });
  const svg = node('svg', {
    width: x + 10,
    height: HEIGHT + 40,
    class: 'arcs',
    'aria-hidden': 'true',
  });
  const to = places[places.length - 1].middle;
  const arc = (from: number, share: number, title: string) => {
    const height = Math.min(HEIGHT - 8, 14 + Math.abs(to - from) / 3);
    const d = `M${from} ${HEIGHT} C${from} ${HEIGHT - height} ${to} ${HEIGHT - height} ${to} ${HEIGHT}`;
    const path = node('path', {
      d,
      class: 'arc',
      'stroke-width': 0.5 + 7 * share,
      opacity: 0.25 + 0.75 * share,
    });
    path.append(node('title', {}, title));
    svg.append(path);
  };
  arc(16, sink[reader], `sink ${percent(sink[reader])}`);
  row.forEach((share, i) => {
    if (share >= LEAST) arc(places[i].middle, share, `${own[i]} ${percent(share)}`);
  });
  svg.append(
    node('text', { x: 16, y: HEIGHT + 16, 'text-anchor': 'middle', class: 'sink' }, 'sink'),
  );
  own.forEach((text, i) => {
    const label = node(
      'text',
      {
        x: places[i].middle,
        y: HEIGHT + 16,
        'text-anchor': 'middle',
        class: i === own.length - 1 ? 'reader' : '',
      },
      text,
    );
    label.addEventListener('click', () => {
      events.match(start + first + i);
    });
    svg.append(label);
  });
  const scroll = el('div', { class: 'scroll arcs-scroll' }, svg as unknown as Node);
  queueMicrotask(() => (scroll.scrollLeft = scroll.scrollWidth));
  return el('div', {}, scroll, tokenButtons(attention, events));
}

function node(tag: string, attributes: Record<string, string | number>, text?: string): SVGElement {
  const element = document.createElementNS(NAMESPACE, tag) as SVGElement;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  if (text !== undefined) element.textContent = text;
  return element;
}
