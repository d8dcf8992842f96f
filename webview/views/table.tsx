/** The circuit as tables of nodes and of edges: sorted and filtered, reached by keyboard, read aloud. */
import { t, whole } from '../../shared/l10n';
import { signed } from '../../shared/format';
import { Fragment } from 'preact';
import { useState } from 'preact/hooks';
import type { Shown } from '../filter';
import type { Panel } from '../panel';
import type { GraphNode } from '../protocol';
import { TERMS, type Term } from '../terms';
import { TextField } from '../toolkit';
import { EdgeTable } from './edgeTable';
import { hasEffect, matching, sortedNodes, type Sort, type SortKey } from './tableRows';
import { Code, Word } from './text';

interface Column {
  readonly key: SortKey;
  readonly title: string;
  readonly number: boolean;
  readonly term: Term;
}
const COLUMNS: readonly Column[] = [
  { key: 'label', title: t('node'), number: false, term: 'node' },
  { key: 'place', title: t('at'), number: false, term: 'place' },
  { key: 'effect', title: t('effect (nats)'), number: true, term: 'effect' },
  { key: 'activation', title: t('activation'), number: true, term: 'activation' },
  { key: 'now', title: t('with ablations'), number: true, term: 'now' },
  { key: 'edges', title: t('edges'), number: true, term: 'edge' },
];

/** The column of activations in another text. */
const IN_OTHER: Column = { key: 'now', title: t('in the other text'), number: true, term: 'other' };

export function TableView({ panel, shown }: { panel: Panel; shown: Shown }) {
  const [sort, setSort] = useState<Sort>({ key: 'effect', down: true });
  const [filter, setFilter] = useState('');
  const { nodes, edges } = shown;
  const found = sortedNodes(matching(nodes, filter, panel.model), edges, sort);
  const kept = new Set(found.map(({ node }) => node.id));
  const joined = edges.filter(({ from, to }) => kept.has(from) || kept.has(to));
  // Without ablations their column would say the same again.
  const compared = nodes.some(({ other }) => other !== undefined);
  const changed = compared || nodes.some(({ activation, now }) => activation !== now);
  const selected = panel.state.selected;
  const marked = new Set(selected.map((id) => panel.drawing.standing(id)));
  return (
    <div class="table-view">
      <div class="row">
        <TextField
          name={t('Filter nodes and edges')}
          placeholder={t('Filter, e.g. L2 MLP')}
          value={filter}
          onInput={setFilter}
        />
        <span class="muted" role="status">
          {t('{0} of {1} nodes', whole(found.length), whole(nodes.length))}
        </span>
      </div>
      <div
        class="scroll"
        tabIndex={0}
        role="region"
        aria-label={t('Nodes and edges of the circuit')}
      >
        <table class="nodes">
          <thead>
            <tr>
              <th scope="col">
                <span class="hidden-text">{t('selected')}</span>
              </th>
              {COLUMNS.filter(({ key }) => key !== 'now' || changed).map((column) => (
                <Fragment key={column.key}>
                  <ColumnHead
                    column={compared && column.key === 'now' ? IN_OTHER : column}
                    sort={sort}
                    onSort={setSort}
                  />
                  {column.key === 'label' && (
                    <th scope="col">
                      <Word of="about">{t('about')}</Word>
                    </th>
                  )}
                </Fragment>
              ))}
            </tr>
          </thead>
          <tbody>
            {found.map(({ node, degree }) => (
              <Row
                key={node.id}
                {...{ node, degree, changed, selected }}
                on={marked.has(node.id)}
                standing={(id) => panel.drawing.standing(id)}
                meaning={panel.drawing.meaningOf(node)}
                onSelect={(ids) => {
                  panel.choice.select(ids);
                }}
              />
            ))}
          </tbody>
        </table>
        <EdgeTable panel={panel} edges={joined} />
      </div>
    </div>
  );
}

interface HeadProps {
  readonly column: Column;
  readonly sort: Sort;
  readonly onSort: (sort: Sort) => void;
}

function ColumnHead({ column: { key, title, number, term }, sort, onSort }: HeadProps) {
  const own = sort.key === key;
  return (
    <th
      scope="col"
      aria-sort={own ? (sort.down ? 'descending' : 'ascending') : 'none'}
      class={number ? 'number' : ''}
    >
      <button
        type="button"
        class="link"
        title={TERMS[term]}
        onClick={() => {
          onSort({ key, down: own ? !sort.down : number });
        }}
      >
        {title}
        {own ? (sort.down ? ' ↓' : ' ↑') : ''}
      </button>
    </th>
  );
}

interface RowProps {
  readonly node: GraphNode;
  readonly degree: number;
  readonly changed: boolean;
  readonly meaning: string;
  /** Whether it is selected, or a node that it stands for. */
  readonly on: boolean;
  readonly selected: readonly string[];
  /** What stands for a node. */
  readonly standing: (id: string) => string;
  /** Hears all selected ids, the last one changed at the end. */
  readonly onSelect: (ids: readonly string[]) => void;
}

function Row(props: RowProps) {
  const { node, degree, changed, meaning, selected, on, standing, onSelect } = props;
  const { id, label, at, activation, now } = node;
  const channel = hasEffect(node);
  const others = () => selected.filter((one) => standing(one) !== id);
  const toggle = () => {
    onSelect(on ? others() : [...others(), id]);
  };
  // As in the graph: a click selects this node alone, with Shift it joins or leaves the others.
  const click = ({ target, shiftKey }: MouseEvent) => {
    if (!channel || target instanceof HTMLInputElement) return;
    if (shiftKey) toggle();
    else onSelect([id]);
  };
  return (
    <tr class={[channel ? 'choice' : '', on ? 'selected' : ''].join(' ')} onClick={click}>
      <td>
        {channel && (
          <input
            type="checkbox"
            checked={on}
            data-id={id}
            aria-label={t('Select {0}', label)}
            onChange={toggle}
          />
        )}
      </td>
      <th scope="row">{channel ? label : <Code text={label} />}</th>
      <td class="muted about" title={meaning}>
        {meaning && <bdi>{meaning}</bdi>}
      </td>
      <td>{at !== null && <Code text={at} />}</td>
      <td class="number">{effectText(node)}</td>
      <td class="number">{channel && signed(activation)}</td>
      {changed && <td class="number">{channel && signed(node.other ?? now)}</td>}
      <td class="number">{degree}</td>
    </tr>
  );
}

function effectText(node: GraphNode): string {
  const { effect, estimate } = node;
  if (!hasEffect(node)) return '';
  if (effect !== null) return signed(effect, 3);
  return estimate === null ? '' : t('about {0}', signed(estimate, 3));
}
