/** One edge: what it joins, and what it carries. */
import { pieces, t } from '../../shared/l10n';
import { signed } from '../../shared/format';
import type { Panel } from '../panel';
import type { GraphEdge } from '../protocol';
import { TERMS } from '../terms';
import { Button } from '../toolkit';
import { edgeKindText } from './edgeText';
import { Code, Link } from './text';

export function EdgeCard({ panel, edge }: { panel: Panel; edge: GraphEdge }) {
  const { from, to, weight, contribution } = edge;
  const [source, target] = [panel.nodeOf(from), panel.nodeOf(to)];
  const head = source?.head ?? target?.head ?? null;
  const crosses = source && target && source.token !== target.token;
  const end = (id: string) => {
    const node = panel.nodeOf(id);
    if (!node) return <Code text={id} />;
    if (node.role !== 'channel') return <Code text={node.label} />;
    const link = (
      <Link
        title={t('Select {0}', node.label)}
        onClick={() => {
          panel.select([id]);
        }}
      >
        {node.label}
      </Link>
    );
    return <>{node.at === null ? link : pieces('{0} at {1}', link, <Code text={node.at} />)}</>;
  };
  return (
    <div class="edge-card">
      <h2>
        {end(from)} → {end(to)}
      </h2>
      <p class="muted">{edgeKindText(edge)}</p>
      <dl class="numbers">
        <div title={TERMS.weight}>
          <dt>{t('weight')}</dt>
          <dd>{signed(weight, 3)}</dd>
        </div>
        <div title={TERMS.contribution}>
          <dt>{t('contribution')}</dt>
          <dd>{signed(contribution, 3)}</dd>
        </div>
      </dl>
      {head && crosses && (
        <Button
          title={t('Show the query and the key that made it')}
          onClick={() => {
            panel.look(head.layer, head.head);
            panel.explain(source.token);
          }}
        >
          {t('Why head {0} reads it', head.head)}
        </Button>
      )}
    </div>
  );
}
