/** One edge: what it joins, and what it carries. */
import { pieces, t } from '../../shared/l10n';
import { signed } from '../../shared/format';
import type { Panel } from '../panel';
import type { GraphEdge, Kind, Place } from '../protocol';
import { TERMS } from '../terms';
import { Button, Dropdown } from '../toolkit';
import { About } from './about';
import { edgeKindText } from './edgeText';
import { places, scaleText } from './selection';
import { Slider } from './slider';
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
    return (
      <>
        {node.at === null ? link : pieces('{0} at {1}', link, <Code text={node.at} />)}
        <About panel={panel} id={id} />
      </>
    );
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
          title={t('Show the query and key behind it')}
          onClick={() => {
            panel.readings.look(head.layer, head.head);
            panel.readings.explain(source.token);
          }}
        >
          {t('Why head {0} attends to it', head.head)}
        </Button>
      )}
    </div>
  );
}

/** What becomes of this one weight, and what it does to the prediction; of edges that are one entry of a matrix. */
function OneWeight({ panel, edge }: { panel: Panel; edge: GraphEdge }) {
  const { value, waiting, problem } = panel.choice.weight.now;
  if (!panel.drawing.weightOf(edge)) return null;
  const change = panel.drawing.weightChange(edge);
  const place = change?.place ?? panel.state.place;
  const scale = change?.kind?.kind === 'scale' ? change.kind.scale : null;
  return (
    <div class="one-weight">
      <div class="row" role="group" aria-label={t('Ablation of this weight')}>
        <div class="group">
          {SWITCHES.map(([label, kind, title]) => (
            <Button
              key={label}
              title={title}
              pressed={(change ? change.kind?.kind : 'keep') === (kind?.kind ?? 'keep')}
              onClick={() => {
                void panel.ablateWeight(edge, kind, place);
              }}
            >
              {label}
            </Button>
          ))}
        </div>
        <Dropdown
          name={t('At which tokens')}
          class="place-menu"
          value={place}
          options={places(true)}
          onChange={(chosen) => {
            panel.arrange({ place: chosen as Place });
            if (change?.kind) void panel.ablateWeight(edge, change.kind, chosen as Place);
          }}
        />
        <Slider
          key={`scale of ${edge.from} ${edge.to}`}
          label={t('scale')}
          title={t('Scale this weight')}
          on={scale !== null}
          {...{ value: scale ?? 1, min: -3, max: 3, step: 0.05 }}
          text={scaleText}
          onDone={(now) => panel.ablateWeight(edge, { kind: 'scale', scale: now }, place)}
        />
      </div>
      <div aria-busy={waiting} role="status">
        <Button
          title={t('Run the model without this one weight, and measure the prediction')}
          disabled={waiting}
          onClick={() => {
            panel.choice.weigh(edge);
          }}
        >
          {t('Measure its effect')}
        </Button>
        {problem !== null && <Problem text={problem} />}
        {value && (
          <dl class="numbers">
            <div>
              <dt>{t('without the weight at this token')}</dt>
              <dd>
                {pieces('{0} {1}', signed(value.here, 3), <Word of="nats">{t('nats')}</Word>)}
              </dd>
            </div>
            <div>
              <dt>{t('without it at every token')}</dt>
              <dd>{t('{0} nats', signed(value.everywhere, 3))}</dd>
            </div>
          </dl>
        )}
      </div>
    </div>
  );
}

const SWITCHES: readonly (readonly [string, Kind | null, string])[] = [
  [t('keep'), null, t('Leave the weight unchanged')],
  [t('mean'), { kind: 'mean' }, t('Let it carry the mean of its source node')],
  [t('take out'), { kind: 'zero' }, t('Take the weight out, so that it carries nothing')],
];
