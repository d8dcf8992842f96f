/** What becomes of the selected nodes: keep, mean, zero, value or scale, and where. */
import { button, el, fill } from '../dom';
import type { Changes, Model } from '../model';
import type { GraphNode, Kind, Place } from '../protocol';

export interface SelectionEvents {
  /** Null keeps the nodes as the model has them. */
  ablate(kind: Kind | null): void;
  place(place: Place): void;
  isolate(): void;
  /** Null stops it. */
  color(node: string | null): void;
  clear(): void;
}

/** What the controls are about. */
export interface Selection {
  readonly nodes: readonly GraphNode[];
  /** What is done to each at present, [node]. */
  readonly states: readonly ReturnType<Changes>[];
  readonly place: Place;
  /** Numbers that the sliders start at. */
  readonly value: number;
  readonly scale: number;
  /** Half the slider's width. */
  readonly reach: number;
}

/** Places in words, for nodes at one token or at several. */
function places(one: boolean): Record<Place, string> {
  return one
    ? { all: 'everywhere', at: 'at its token', from: 'from its token on' }
    : { all: 'everywhere', at: 'each at its token', from: 'each from its token on' };
}

/** Fills the section. */
export function showSelection(
  root: HTMLElement,
  model: Model,
  selection: Selection,
  events: SelectionEvents,
): void {
  const { nodes, states } = selection;
  if (nodes.length === 0) {
    fill(
      root,
      el('p', { class: 'muted' }, 'Select nodes by click, Shift+click, lasso or in the table.'),
    );
    return;
  }
  const kinds = new Set(states.map((state) => (state ? state.kind?.kind : 'keep')));
  const state = kinds.size === 1 ? ([...kinds][0] ?? null) : null;
  const names = [...new Set(nodes.map(({ node }) => node))];
  const colored = model.colored !== null && names.includes(model.colored);
  const set = (label: string, kind: Kind | null, title: string) =>
    button(
      label,
      () => {
        events.ablate(kind);
      },
      { pressed: state === (kind?.kind ?? 'keep'), title },
    );
  fill(
    root,
    el(
      'div',
      { class: 'row', role: 'group', 'aria-label': `What becomes of ${nodes.length} nodes` },
      el('b', {}, nodes.length === 1 ? whatIs(nodes[0]) : `${nodes.length} nodes`),
      set('keep', null, 'Keep as the model has it'),
      set('mean', { kind: 'mean' }, 'Set to the mean over the training data'),
      set('zero', { kind: 'zero' }, 'Set to zero'),
      slider('value', 'value', state, selection.value, selection.reach, (value) => {
        events.ablate({ kind: 'value', value });
      }),
      slider('scale', 'scale', state, selection.scale, 3, (scale) => {
        events.ablate({ kind: 'scale', scale });
      }),
    ),
    el(
      'div',
      { class: 'row' },
      placeMenu(selection.place, nodes.length === 1, events),
      button(
        'Enough? Needed?',
        () => {
          events.isolate();
        },
        {
          title: 'Ablate all but these, and just these, beside random sets of the same size',
        },
      ),
      button(
        colored ? 'Stop coloring' : 'Color the file',
        () => {
          events.color(colored ? null : names[0]);
        },
        { title: 'Color the tokens of the file by this node', disabled: names.length !== 1 },
      ),
      button(
        'Unselect',
        () => {
          events.clear();
        },
        {},
      ),
    ),
  );
}

function placeMenu(place: Place, one: boolean, events: SelectionEvents): HTMLElement {
  const texts = places(one);
  const menu = el<HTMLSelectElement>(
    'vscode-dropdown',
    { 'aria-label': 'At which tokens', value: place },
    ...Object.entries(texts).map(([value, label]) =>
      el('vscode-option', { value, selected: value === place }, label),
    ),
  );
  menu.addEventListener('change', () => {
    if (menu.value in texts) events.place(menu.value as Place);
  });
  return menu;
}

/** One node with its token. */
function whatIs({ label, at }: GraphNode): string {
  return `${label}${at === null ? '' : ` at ${at}`}`;
}

/** A number from a slider, taken when it is let go. */
function slider(
  label: string,
  kind: 'value' | 'scale',
  state: string | null,
  start: number,
  reach: number,
  done: (value: number) => void,
): HTMLElement {
  const input = el<HTMLInputElement>('input', {
    type: 'range',
    min: -reach,
    max: reach,
    step: reach / 100,
    value: start,
    'aria-label': `Set to a ${label}`,
  });
  const text = (value: number) =>
    `${kind === 'scale' ? '×' : '→ '}${value.toFixed(2).replace('-', '−')}`;
  const output = el('output', {}, text(start));
  input.addEventListener('input', () => {
    output.textContent = text(Number(input.value));
  });
  input.addEventListener('change', () => {
    done(Number(input.value));
  });
  return el('label', { class: `slider ${state === kind ? 'on' : ''}` }, label, input, output);
}
