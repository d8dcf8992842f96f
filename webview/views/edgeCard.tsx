/** One edge: what it joins, and what it carries. */
import { pieces, t } from '../../shared/l10n';
import { signed } from '../../shared/format';
import type { Panel } from '../panel';
import type { GraphEdge } from '../protocol';
import { TERMS } from '../terms';
import { Button } from '../toolkit';
import { edgeKindText } from './edgeText';
import { Code, Link, Problem, Word } from './text';

export function EdgeCard({ panel, edge }: { panel: Panel; edge: GraphEdge }) {
  const { from, to, weight, contribution } = edge;
  const [source, target] = [panel.drawing.nodeOf(from), panel.drawing.nodeOf(to)];
  const head = source?.head ?? target?.head ?? null;
  const crosses = source && target && source.token !== target.token;
  const end = (id: string) => {
    const node = panel.drawing.nodeOf(id);
    if (!node) return <bdi>{panel.drawing.labelOf(id)}</bdi>;
    if (node.role !== 'channel') return <Code text={node.label} />;
    const link = (
      <Link
        title={t('Select {0}', node.label)}
        onClick={() => {
          panel.choice.select([id]);
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
      <OneWeight panel={panel} edge={edge} />
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

/** What the prediction is without this one weight; of edges that are one entry of a matrix. */
function OneWeight({ panel, edge }: { panel: Panel; edge: GraphEdge }) {
  const { value, waiting, problem } = panel.choice.weight.now;
  const { kind, count } = edge;
  if (count !== undefined || (kind !== 'weight' && kind !== 'attention')) return null;
  return (
    <div class="one-weight" aria-busy={waiting} role="status">
      <Button
        title={t('Run the model without this one weight, and measure the prediction')}
        disabled={waiting}
        onClick={() => {
          panel.choice.weigh(edge);
        }}
      >
        {t('Ablate this weight')}
      </Button>
      {problem !== null && <Problem text={problem} />}
      {value && (
        <dl class="numbers">
          <div>
            <dt>{t('without the weight at this token')}</dt>
            <dd>{pieces('{0} {1}', signed(value.here, 3), <Word of="nats">{t('nats')}</Word>)}</dd>
          </div>
          <div>
            <dt>{t('without it at every token')}</dt>
            <dd>{t('{0} nats', signed(value.everywhere, 3))}</dd>
          </div>
        </dl>
      )}
    </div>
  );
}
