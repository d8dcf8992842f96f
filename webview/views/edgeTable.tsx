/** The edges of the circuit as a table. */
import { signed } from '../format';
import type { Panel } from '../panel';
import type { GraphEdge } from '../protocol';
import { edgeKindText } from './edgeText';
import { Link, Word } from './text';

/** Longer lists help nobody. */
const MOST = 200;

export function EdgeTable({ panel, edges }: { panel: Panel; edges: readonly GraphEdge[] }) {
  if (edges.length === 0) return null;
  const sorted = [...edges].sort((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution));
  const name = (id: string) => {
    const node = panel.nodeOf(id);
    return node ? `${node.label}${node.at === null ? '' : ` at ${node.at}`}` : id;
  };
  return (
    <table class="edge-rows" aria-label="Edges">
      <thead>
        <tr>
          {['from', 'to', 'kind'].map((text) => (
            <th key={text} scope="col">
              {text}
            </th>
          ))}
          {(['weight', 'contribution'] as const).map((text) => (
            <th key={text} scope="col" class="number">
              <Word of={text}>{text}</Word>
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {sorted.slice(0, MOST).map((edge) => (
          <tr
            key={`${edge.kind} ${edge.from} ${edge.to}`}
            class={panel.edge === edge ? 'selected' : ''}
          >
            <td>
              <Link
                title="Show this edge"
                onClick={() => {
                  panel.selectEdge(edge);
                }}
              >
                {name(edge.from)}
              </Link>
            </td>
            <td>
              <bdi>{name(edge.to)}</bdi>
            </td>
            <td>{edgeKindText(edge)}</td>
            <td class="number">{signed(edge.weight)}</td>
            <td class="number">{signed(edge.contribution)}</td>
          </tr>
        ))}
      </tbody>
      {sorted.length > MOST && (
        <caption class="muted">
          The strongest {MOST} of {sorted.length} edges
        </caption>
      )}
    </table>
  );
}
