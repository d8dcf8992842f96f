/** Which view, and how much of the circuit. */
import { button, el, fill } from '../dom';
import { largestEffect, sliderOf, thresholdOf, type Shown } from '../filter';
import { whole } from '../format';
import type { Circuit, Kind, ViewState } from '../protocol';

const STEPS = 100;
const VIEWS = { graph: 'Graph', table: 'Table', attention: 'Attention' } as const;
type View = keyof typeof VIEWS;

export interface ControlEvents {
  view(view: View): void;
  threshold(threshold: number): void;
  top(top: number): void;
  lasso(on: boolean): void;
  fit(): void;
  zoom(factor: number): void;
  measure(kind: Kind, place: 'all' | 'at'): void;
}

/** What the controls show. */
export interface ControlState {
  readonly circuit: Circuit | null;
  readonly shown: Shown;
  readonly state: ViewState;
  readonly lasso: boolean;
  /** Largest effect (nats), where the slider ends. */
  readonly largest: number;
}

/** Fills the controls. */
export function showControls(root: HTMLElement, now: ControlState, events: ControlEvents): void {
  const { circuit, shown, state, lasso } = now;
  const views = Object.entries(VIEWS).map(([view, label]) =>
    button(
      label,
      () => {
        events.view(view as View);
      },
      { pressed: state.view === view },
    ),
  );
  const parts: (HTMLElement | null)[] = [
    el('div', { class: 'group', role: 'group', 'aria-label': 'View' }, ...views),
  ];
  if (state.view !== 'attention') {
    parts.push(threshold(now, events), topBox(state, events), measureMenu(circuit, events));
  }
  if (state.view === 'graph') {
    parts.push(
      el(
        'div',
        { class: 'group', role: 'group', 'aria-label': 'Picture' },
        button(
          'Lasso',
          () => {
            events.lasso(!lasso);
          },
          { pressed: lasso, title: 'Draw around nodes to select them; Shift adds' },
        ),
        button(
          '−',
          () => {
            events.zoom(0.8);
          },
          { title: 'Smaller' },
        ),
        button(
          '+',
          () => {
            events.zoom(1.25);
          },
          { title: 'Larger' },
        ),
        button(
          'Fit',
          () => {
            events.fit();
          },
          { title: 'Fit the whole circuit' },
        ),
      ),
    );
  }
  parts.push(el('span', { class: 'counts muted', role: 'status' }, countsText(circuit, shown)));
  fill(root, ...parts);
}

/** What is shown and what there is. */
export function countsText(circuit: Circuit | null, { nodes, edges, joining }: Shown): string {
  if (!circuit) return '';
  const channels = nodes.filter(({ role }) => role === 'channel').length;
  const { total } = circuit;
  const measured = nodes.every(({ role, effect }) => role !== 'channel' || effect !== null);
  const joined = joining.size === 0 ? '' : `, ${joining.size} of them only to join others`;
  return (
    `${measured ? '' : 'Estimates, effects follow: '}${whole(channels)} of ${whole(total.nodes)} nodes active at tokens${joined}; ` +
    `${whole(edges.length)} of ${whole(total.edges)} edges`
  );
}

function threshold({ circuit, state, largest }: ControlState, events: ControlEvents): HTMLElement {
  const input = el<HTMLInputElement>('input', {
    type: 'range',
    min: 0,
    max: STEPS,
    value: Math.round(STEPS * sliderOf(state.threshold, largest)),
    disabled: circuit === null,
    'aria-label': 'Smallest effect shown, in nats',
  });
  const text = (value: number) => `${value.toFixed(3)} nats`;
  const output = el('output', {}, text(state.threshold));
  input.addEventListener('input', () => {
    const value = thresholdOf(Number(input.value) / STEPS, circuit ? largestEffect(circuit) : 0);
    output.textContent = text(value);
    events.threshold(value);
  });
  return el('label', { class: 'slider' }, 'effect ≥', input, output);
}

function topBox({ top }: ViewState, events: ControlEvents): HTMLElement {
  const input = el<HTMLInputElement>('input', {
    ...{ type: 'number', min: 1, max: 1000, value: top, 'aria-label': 'Most nodes shown' },
  });
  input.addEventListener('change', () => {
    const value = Math.round(Number(input.value));
    if (value >= 1) events.top(Math.min(1000, value));
    else input.value = String(top);
  });
  return el('label', { class: 'slider' }, 'top', input);
}

const MEASURES: readonly { label: string; kind: Kind; place: 'all' | 'at' }[] = [
  { label: 'mean, here', kind: { kind: 'mean' }, place: 'at' },
  { label: 'zero, here', kind: { kind: 'zero' }, place: 'at' },
];

function measureMenu(circuit: Circuit | null, events: ControlEvents): HTMLElement {
  const measured = circuit?.measured;
  const menu = el<HTMLSelectElement>(
    'vscode-dropdown',
    { 'aria-label': 'Effects by ablation to', class: 'measure' },
    ...MEASURES.map(({ label, kind, place }, i) => {
      const selected = measured?.kind.kind === kind.kind && measured.place === place;
      return el('vscode-option', { value: i, selected }, label);
    }),
  );
  menu.addEventListener('change', () => {
    const chosen = MEASURES[Number(menu.value)];
    events.measure(chosen.kind, chosen.place);
  });
  return el('label', { class: 'slider' }, 'by', menu);
}
