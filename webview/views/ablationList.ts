/** The ablations of the workspace, each with its switch, and the steps back and forth. */
import { button, el, fill } from '../dom';
import { percent, signed } from '../format';
import type { Model } from '../model';
import type { Ablations, Isolation } from '../protocol';

export interface AblationEvents {
  switch(index: number, on: boolean): void;
  remove(index: number): void;
  clear(): void;
  undo(): void;
  redo(): void;
}

/** Fills the section. */
export function showAblations(root: HTMLElement, model: Model, events: AblationEvents): void {
  const { ablations, isolation } = model;
  fill(
    root,
    el(
      'div',
      { class: 'row' },
      el('h2', {}, 'Ablations'),
      button(
        '↶',
        () => {
          events.undo();
        },
        { title: 'Undo', disabled: !ablations.canUndo },
      ),
      button(
        '↷',
        () => {
          events.redo();
        },
        { title: 'Redo', disabled: !ablations.canRedo },
      ),
      button(
        'Remove all',
        () => {
          events.clear();
        },
        { disabled: ablations.entries.length === 0 },
      ),
    ),
    list(ablations, events),
    isolation && isolationTable(isolation),
  );
}

function list({ entries }: Ablations, events: AblationEvents): HTMLElement {
  if (entries.length === 0) {
    return el('p', { class: 'muted' }, 'None. Select nodes and choose what becomes of them.');
  }
  const items = entries.map(({ label, change, where, on, acts }, index) => {
    const text = `${label} ${change}, ${where}`;
    const box = el<HTMLInputElement>(
      'vscode-checkbox',
      { checked: on, 'aria-label': text },
      `${label} ${change}`,
    );
    box.addEventListener('change', () => {
      events.switch(index, box.checked);
    });
    const remove = button(
      '✕',
      () => {
        events.remove(index);
      },
      { title: `Remove ${text}` },
    );
    const note = acts ? where : `${where}, in another file`;
    return el('li', {}, box, el('span', { class: 'muted' }, note), remove);
  });
  return el('ul', { class: 'ablations', 'aria-label': 'Ablations' }, ...items);
}

/** Sufficiency and necessity beside random sets of the same size. */
function isolationTable(isolation: Isolation): HTMLElement {
  const { size, kind, place, target, model } = isolation;
  const [these, random] =
    size === 1 ? ['this one', 'a random one'] : [`these ${size}`, `${size} random ones`];
  const rows = [
    [`none of ${these} ablated`, model],
    [`all but ${these} ablated`, isolation.allBut],
    [`all but ${random} ablated`, isolation.allButRandom],
    [`just ${these} ablated`, isolation.just],
    [`just ${random} ablated`, isolation.justRandom],
  ] as const;
  const body = rows.map(([name, { share, logprob }]) =>
    el(
      'tr',
      {},
      el('th', { scope: 'row' }, name),
      el('td', { class: 'number' }, percent(share)),
      el(
        'td',
        { class: 'number' },
        name === rows[0][0] ? '' : `${signed(logprob - model.logprob)} nats`,
      ),
    ),
  );
  return el(
    'section',
    { class: 'isolation', role: 'status' },
    el('h3', {}, 'Are these nodes enough, and are they needed?'),
    el(
      'p',
      { class: 'muted' },
      'Share of ',
      el('bdi', { class: 'code' }, target),
      `; ${kind}, ${place}.`,
    ),
    el('table', { class: 'outcomes' }, el('tbody', {}, ...body)),
  );
}
