/** The edges of the circuit as a table. */
import { t, whole } from '../../shared/l10n';
import { signed } from '../../shared/format';
import type { Panel } from '../panel';
import type { GraphEdge } from '../protocol';
import { About } from './about';
import { edgeKindText } from './edgeText';
import { Link, Word } from './text';

/** Longer lists help nobody. */
const MOST = 200;
const NUMBERS = [
  ['weight', t('weight')],
  ['contribution', t('contribution')],
] as const;

export function EdgeTable({ panel, edges }: { panel: Panel; edges: readonly GraphEdge[] }) {
  if (edges.length === 0) return null;
  const sorted = [...edges].sort((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution));
  const isAblated = panel.drawing.isAblated();
  const name = (id: string) => {
    const node = panel.drawing.nodeOf(id);
    if (!node) return panel.drawing.labelOf(id);
    return node.at === null ? node.label : t('{0} at {1}', node.label, node.at);
  };
  return (
    <table class="edge-rows" aria-label={t('Edges')}>
      <thead>
        <tr>
          {[t('from'), t('to'), t('kind')].map((text) => (
            <th key={text} scope="col">
              {text}
            </th>
          ))}
          {NUMBERS.map(([term, text]) => (
            <th key={term} scope="col" class="number">
              <Word of={term}>{text}</Word>
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {sorted.slice(0, MOST).map((edge) => (
          <tr
            key={`${edge.kind} ${edge.from} ${edge.to}`}
            class={panel.choice.edge === edge ? 'selected' : ''}
          >
            <td>
              <Link
                title={t('Show this edge')}
                onClick={() => {
                  panel.choice.selectEdge(edge);
                }}
              >
                {name(edge.from)}
              </Link>
              <About panel={panel} id={edge.from} />
            </td>
            <td>
              <bdi>{name(edge.to)}</bdi>
              <About panel={panel} id={edge.to} />
            </td>
            <td>
              {edgeKindText(edge)}
              {isAblated(edge) && <b class="ablated"> ✕ {t('ablated')}</b>}
            </td>
            <td class="number">{signed(edge.weight)}</td>
            <td class="number">{signed(edge.contribution)}</td>
          </tr>
        ))}
      </tbody>
      {sorted.length > MOST && (
        <caption class="muted">
          {t('The strongest {0} of {1} edges', MOST, whole(sorted.length))}
        </caption>
      )}
    </table>
  );
}
