/** Everything about one node. */
import { button, code, el, fill } from '../dom';
import { signed } from '../format';
import type { Model } from '../model';
import type { Card, Example, Neighbor } from '../protocol';
import { readTheme } from '../theme';
import { strip } from './strip';

const SHOWN = 8;

export interface CardEvents {
  reveal(token: number): void;
  open(node: string): void;
  /** An empty text takes the label away. */
  label(node: string, text: string): void;
  attention(layer: number, head: number): void;
}

/** Fills the card; `asked` is the node whose answer is awaited. */
export function showCard(
  root: HTMLElement,
  { card, subject, labels }: Model,
  asked: string | null,
  events: CardEvents,
): void {
  if (!card || (asked !== null && card.node !== asked)) {
    const text = asked === null ? 'Choose a node to read what it does.' : `Reading ${asked}…`;
    fill(root, el('p', { class: 'muted' }, text));
    return;
  }
  const typed = typing(root, card.node);
  fill(
    root,
    heading(card, labels.get(card.node) ?? '', events),
    numbers(card),
    el('h3', {}, 'Activation along the file'),
    strip(card, subject?.reader.token ?? -1, readTheme(), events.reveal),
    el(
      'div',
      { class: 'columns' },
      neighbors('Reads', card.reads, card.readCount, events),
      neighbors('Writes', card.writes, card.writeCount, events),
      pushed('Promotes', card.promotes),
      pushed('Suppresses', card.suppresses),
      pushed('Excited by the token', card.excitedBy),
      pushed('Inhibited by the token', card.inhibitedBy),
    ),
    examples('Strongest in this file', card.strongest, events),
    examples('Held-out Python, most positive', card.heldOut.positive, events),
    examples('Held-out Python, most negative', card.heldOut.negative, events),
  );
  // Drawing anew must not take the field from who types in it.
  const field = root.querySelector<HTMLInputElement>('.label');
  if (typed === null || !field) return;
  field.value = typed;
  field.focus();
}

/** What people are typing as the node's label; null when they are not. */
function typing(root: HTMLElement, node: string): string | null {
  const field = root.querySelector<HTMLInputElement>('.label');
  return field && field === document.activeElement && field.dataset.node === node
    ? field.value
    : null;
}

function heading({ node, label, head }: Card, given: string, events: CardEvents): HTMLElement {
  const field = el<HTMLInputElement>('vscode-text-field', {
    ...{ value: given, placeholder: 'Label', maxlength: 60, class: 'label', 'data-node': node },
    'aria-label': `Label of ${label}, kept in the workspace`,
  });
  field.addEventListener('change', () => {
    if (field.value.trim() !== given) events.label(node, field.value);
  });
  return el(
    'div',
    { class: 'row' },
    el('h2', {}, el('bdi', {}, given === '' ? label : given)),
    el('span', { class: 'muted' }, given === '' ? node : `${label} · ${node}`),
    field,
    head &&
      button(`Attention of head ${head.head}`, () => {
        events.attention(head.layer, head.head);
      }),
  );
}

function numbers({ activation, now, mean, effect }: Card): HTMLElement {
  const parts: [string, string][] = [
    ['here', now === activation ? signed(activation) : `${signed(activation)} → ${signed(now)}`],
    ['mean', mean === null ? 'unknown' : signed(mean)],
    ['effect', effect === null ? 'not measured' : `${signed(effect, 3)} nats`],
  ];
  return el(
    'dl',
    { class: 'numbers' },
    ...parts.map(([term, value]) => el('div', {}, el('dt', {}, term), el('dd', {}, value))),
  );
}

function neighbors(
  title: string,
  list: readonly Neighbor[],
  count: number,
  events: CardEvents,
): HTMLElement | null {
  if (list.length === 0) return null;
  const items = list.slice(0, SHOWN).map(({ node, label, weight, contribution }) => {
    const name =
      node === null
        ? code(label)
        : link(label, `Open ${label}`, () => {
            events.open(node);
          });
    const number =
      contribution === null ? signed(weight) : `${signed(weight)} · ${signed(contribution)}`;
    return el('li', {}, name, el('span', { class: 'number' }, number));
  });
  const more =
    count > items.length ? el('p', { class: 'muted' }, `and ${count - items.length} more`) : null;
  return el(
    'section',
    {},
    el('h3', {}, title, el('span', { class: 'muted' }, ' weight · × activation')),
    el('ul', { class: 'plain' }, ...items),
    more,
  );
}

function pushed(title: string, list: Card['promotes']): HTMLElement | null {
  if (list.length === 0) return null;
  const items = list
    .slice(0, SHOWN)
    .map(({ text, weight }) =>
      el('li', {}, code(text), el('span', { class: 'number' }, signed(weight))),
    );
  return el('section', {}, el('h3', {}, title), el('ul', { class: 'plain' }, ...items));
}

function examples(title: string, list: readonly Example[], events: CardEvents): HTMLElement | null {
  if (list.length === 0) return null;
  const items = list.slice(0, SHOWN).map(({ before, text, after, activation, token, source }) => {
    const quote = el(
      'span',
      { class: 'quote' },
      // Cut at its far end, so that the token stays in sight.
      el('span', { class: 'before' }, el('bdi', { dir: 'ltr' }, before)),
      el('mark', {}, el('bdi', {}, text)),
      el('bdi', { class: 'after' }, after),
    );
    const where =
      token === null
        ? el('span', { class: 'muted' }, source)
        : link(source, `Go to ${source}`, () => {
            events.reveal(token);
          });
    return el('li', {}, el('span', { class: 'number' }, signed(activation)), quote, where);
  });
  return el('section', {}, el('h3', {}, title), el('ul', { class: 'examples' }, ...items));
}

/** A button that looks like a link. */
function link(text: string, title: string, onClick: () => void): HTMLElement {
  const element = el('button', { class: 'link', title }, el('bdi', {}, text));
  element.addEventListener('click', onClick);
  return element;
}
