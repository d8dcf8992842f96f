/** The page's fixed parts. */
import { el, fill } from './dom';
import type { Shown } from './filter';
import type { Model } from './model';
import type { Circuit, ViewState } from './protocol';
import { countsText } from './views/controls';

export class Page {
  readonly header = el('header');
  readonly prediction = el('section', { class: 'prediction', 'aria-label': 'Prediction' });
  readonly controls = el('div', { class: 'row controls' });
  readonly graph = el('div', {
    class: 'graph',
    tabindex: 0,
    role: 'application',
    'aria-label':
      'Graph of the circuit. Arrow keys walk from node to node, plus and minus zoom, 0 fits. The table has the same nodes.',
  });
  readonly table = el('div', { class: 'table-view' });
  readonly attention = el('div', { class: 'attention-view' });
  readonly selection = el('section', { class: 'selection', 'aria-label': 'Selected nodes' });
  readonly card = el('section', { class: 'card', 'aria-label': 'Node' });
  readonly ablations = el('section', { class: 'card', 'aria-label': 'Ablations' });
  private readonly legend = el(
    'div',
    { class: 'legend muted', 'aria-hidden': 'true' },
    ...legend(),
  );
  private readonly nothing = el('p', { class: 'nothing muted' });
  private readonly progress = el('div', { class: 'progress', role: 'status' });
  private readonly hint = el('div', { class: 'hint muted' });
  private readonly empty = el('div', { class: 'empty', role: 'status' });
  private readonly main: HTMLElement;

  constructor(body: HTMLElement) {
    this.main = el(
      'main',
      {},
      this.header,
      this.prediction,
      this.controls,
      el(
        'div',
        { class: 'stage' },
        ...[this.graph, this.table, this.attention, this.nothing, this.progress, this.hint],
      ),
      this.legend,
      this.selection,
      el('div', { class: 'cards' }, this.card, this.ablations),
    );
    body.append(this.empty, this.main);
  }

  /** Shows why there is nothing, or the panel. */
  showEmpty(empty: Model['empty']): void {
    this.main.hidden = empty !== null;
    this.empty.hidden = empty === null;
    if (!empty) return;
    fill(this.empty, empty.busy ? el('vscode-progress-ring') : null, el('p', {}, empty.text));
  }

  /** @param nothing what to say when the view has nothing to show */
  showView(view: ViewState['view'], nothing: string | null): void {
    this.graph.hidden = view !== 'graph';
    this.legend.hidden = view !== 'graph';
    this.table.hidden = view !== 'table';
    this.attention.hidden = view !== 'attention';
    this.nothing.hidden = nothing === null || view === 'attention';
    this.nothing.textContent = nothing;
  }

  /** Fades the picture of the subject before until there is one of this. */
  showWaiting(waiting: boolean): void {
    this.graph.classList.toggle('waiting', waiting);
    this.graph.setAttribute('aria-busy', String(waiting));
  }

  /** A line on what the pointer is on; empty for nothing. */
  showHint(text: string): void {
    this.hint.textContent = text;
  }

  showCounts(circuit: Circuit | null, shown: Shown): void {
    const counts = this.controls.querySelector('.counts');
    if (counts) counts.textContent = countsText(circuit, shown);
  }

  showProgress(progress: Model['progress'], problem: string | null): void {
    if (problem !== null) fill(this.progress, el('p', { class: 'problem' }, problem));
    else if (progress) {
      const { what, done, total } = progress;
      const bar = el('progress', { max: total, value: done, 'aria-label': what });
      fill(this.progress, bar, el('span', { class: 'muted' }, `${what} ${done} of ${total}`));
    } else fill(this.progress);
  }
}

function legend(): HTMLElement[] {
  return [
    el(
      'span',
      {},
      el('i', { class: 'dot negative' }),
      '− activation + ',
      el('i', { class: 'dot positive' }),
    ),
    el('span', {}, el('i', { class: 'dot helps' }), 'supports the token'),
    el('span', {}, el('i', { class: 'dot opposes' }), 'opposes it'),
    el('span', {}, el('i', { class: 'dot joins' }), 'only joins others'),
    el('span', {}, el('i', { class: 'dot off' }), 'ablated'),
    el('span', {}, el('i', { class: 'line dashed' }), 'attention'),
    el('span', {}, el('i', { class: 'line dotted' }), 'query or key'),
  ];
}
