/** The circuit as a table: sorted and filtered, reached by keyboard, read by screen readers. */
import { code, el, fill } from '../dom';
import { NOTHING, type Shown } from '../filter';
import { signed } from '../format';
import type { GraphNode } from '../protocol';
import { sortedNodes, matching, type SortKey } from './tableRows';

const COLUMNS: readonly {
  readonly key: SortKey;
  readonly title: string;
  readonly number: boolean;
}[] = [
  { key: 'label', title: 'node', number: false },
  { key: 'place', title: 'at', number: false },
  { key: 'activation', title: 'activation', number: true },
  { key: 'now', title: 'with ablations', number: true },
  { key: 'effect', title: 'effect (nats)', number: true },
  { key: 'edges', title: 'edges', number: true },
];

export class TableView {
  private sort: { key: SortKey; down: boolean } = { key: 'effect', down: true };
  private filter = '';
  private shown = NOTHING;
  private selected = new Set<string>();
  private readonly head = el('tr');
  private readonly body = el('tbody');
  private readonly count = el('span', { class: 'muted', role: 'status' });

  /** @param onSelect hears all selected ids, the last one changed at the end */
  constructor(
    root: HTMLElement,
    private readonly onSelect: (ids: readonly string[]) => void,
  ) {
    const field = el<HTMLInputElement>('vscode-text-field', {
      placeholder: 'Filter, e.g. L2 MLP',
      'aria-label': 'Filter nodes',
    });
    field.addEventListener('input', () => {
      this.filter = field.value;
      this.draw();
    });
    root.append(
      el('div', { class: 'row' }, field, this.count),
      el(
        'div',
        { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Nodes of the circuit' },
        el('table', { class: 'nodes' }, el('thead', {}, this.head), this.body),
      ),
    );
  }

  show(shown: Shown, selected: readonly string[]): void {
    this.shown = shown;
    this.selected = new Set(selected);
    this.draw();
  }

  private draw(): void {
    const { nodes, edges } = this.shown;
    const found = sortedNodes(matching(nodes, this.filter), edges, this.sort);
    // Without ablations their column would say the same again.
    const changed = nodes.some(({ activation, now }) => activation !== now);
    this.count.textContent = `${found.length} of ${nodes.length} nodes`;
    fill(
      this.head,
      el('th', { scope: 'col' }, el('span', { class: 'hidden-text' }, 'selected')),
      ...COLUMNS.filter(({ key }) => key !== 'now' || changed).map((column) =>
        this.heading(column),
      ),
    );
    const focused = (document.activeElement as HTMLElement | null)?.dataset.id;
    fill(this.body, ...found.map(({ node, degree }) => this.row(node, degree, changed)));
    // Drawing anew must not lose the place of who walks by keyboard.
    const boxes = [...this.body.querySelectorAll<HTMLElement>('[data-id]')];
    boxes.find(({ dataset }) => focused !== undefined && dataset.id === focused)?.focus();
  }

  private heading({ key, title, number }: (typeof COLUMNS)[number]): HTMLElement {
    const own = this.sort.key === key;
    const sort = own ? (this.sort.down ? 'descending' : 'ascending') : 'none';
    const press = el(
      'button',
      { class: 'link' },
      `${title}${own ? (this.sort.down ? ' ↓' : ' ↑') : ''}`,
    );
    press.addEventListener('click', () => {
      this.sort = { key, down: own ? !this.sort.down : number };
      this.draw();
    });
    return el('th', { scope: 'col', 'aria-sort': sort, class: number ? 'number' : null }, press);
  }

  private row(node: GraphNode, degree: number, changed: boolean): HTMLElement {
    const on = this.selected.has(node.id);
    const box = el<HTMLInputElement>('input', {
      type: 'checkbox',
      checked: on,
      'data-id': node.id,
      'aria-label': `Select ${node.label}`,
    });
    const others = () => [...this.selected].filter((id) => id !== node.id);
    box.addEventListener('change', () => {
      this.onSelect(box.checked ? [...others(), node.id] : others());
    });
    const channel = node.role === 'channel';
    const number = (text: string) => el('td', { class: 'number' }, text);
    const row = el(
      'tr',
      { class: [channel ? 'choice' : '', on ? 'selected' : ''].join(' ') },
      el('td', {}, channel ? box : null),
      el('th', { scope: 'row' }, channel ? node.label : code(node.label)),
      el('td', {}, node.at === null ? '' : code(node.at)),
      number(channel ? signed(node.activation) : ''),
      changed ? number(channel ? signed(node.now) : '') : null,
      number(effectText(node)),
      number(String(degree)),
    );
    // As in the graph: a click selects this node alone, with Shift it joins or leaves the others.
    if (channel) {
      row.addEventListener('click', ({ target, shiftKey }) => {
        if (target === box) return;
        if (!shiftKey) this.onSelect([node.id]);
        else this.onSelect(on ? others() : [...others(), node.id]);
      });
    }
    return row;
  }
}

/** The effect, or its estimate as long as it is not measured. */
function effectText({ effect, estimate }: GraphNode): string {
  if (effect !== null) return signed(effect, 3);
  return estimate === null ? '' : `≈ ${signed(estimate, 3)}`;
}
