/** Which view, and how much of the circuit. */
import { series, plural, t, whole } from '../../shared/l10n';
import { largestEffect, sliderOf, thresholdOf, type Shown } from '../filter';
import type { Panel } from '../panel';
import type { Circuit, Kind, ViewState } from '../protocol';
import { Button, Dropdown } from '../toolkit';
import { Popover } from './popover';
import { hasEffect } from './tableRows';
import { Slider } from './slider';

const STEPS = 100;
const VIEWS: readonly (readonly [ViewState['view'], string])[] = [
  ['graph', t('Graph')],
  ['table', t('Table')],
  ['attention', t('Attention')],
  ['lens', t('Layers')],
  ['dense', t('Dense model')],
];
const MEASURES: readonly (readonly [Kind['kind'] & ('mean' | 'zero'), string])[] = [
  ['mean', t('by mean')],
  ['zero', t('by zero')],
];

/** Whether a view shows the circuit. */
export const ofCircuit = (view: ViewState['view']) => view === 'graph' || view === 'table';

export function Controls({ panel }: { panel: Panel }) {
  const { state, lasso } = panel;
  const { circuit, subject } = panel.model;
  const isBridged = Boolean(subject?.dense);
  return (
    <div class="row controls">
      <div class="group" role="group" aria-label={t('View')}>
        {VIEWS.filter(([view]) => view !== 'dense' || isBridged).map(([view, text]) => (
          <Button
            key={view}
            pressed={state.view === view}
            onClick={() => {
              panel.arrange({ view });
            }}
          >
            {text}
          </Button>
        ))}
      </div>
      {ofCircuit(state.view) && <Part panel={panel} circuit={circuit} />}
      {panel.drawing.hasOpenGroups && (
        <Button
          onClick={() => {
            panel.closeGroups();
          }}
        >
          {t('Collapse groups')}
        </Button>
      )}
      {state.view === 'graph' && (
        <div class="group" role="group" aria-label={t('Picture')}>
          <Button
            title={t('Draw around nodes to select them; Shift adds')}
            pressed={lasso}
            onClick={() => {
              panel.setLasso(!lasso);
            }}
          >
            {t('Lasso')}
          </Button>
          <Button name={t('Zoom out')} onClick={() => panel.graph?.zoomBy(0.8)}>
            −
          </Button>
          <Button name={t('Zoom in')} onClick={() => panel.graph?.zoomBy(1.25)}>
            +
          </Button>
          <Button title={t('Fit the whole circuit')} onClick={() => panel.graph?.fit()}>
            {t('Fit')}
          </Button>
        </div>
      )}
    </div>
  );
}

/** How much of the circuit. */
function Part({ panel, circuit }: { panel: Panel; circuit: Circuit | null }) {
  const { threshold, top, strength } = panel.state;
  const largest = circuit ? largestEffect(circuit) : 0;
  const effect = (slider: number) => thresholdOf(slider / STEPS, largest);
  return (
    <Popover
      class="filters"
      text={t('Filter')}
      title={t('How much of the circuit is shown, and how effects are measured')}
    >
      <Slider
        label={t('effect ≥')}
        title={t('Smallest effect shown, in nats')}
        disabled={circuit === null}
        {...{
          value: Math.round(STEPS * sliderOf(threshold, largest)),
          min: 0,
          max: STEPS,
          step: 1,
        }}
        text={(now) => t('{0} nats', effect(now).toFixed(2))}
        onMove={(now) => {
          panel.arrange({ threshold: effect(now) });
        }}
      />
      <Slider
        label={t('edges ≥')}
        title={t('Weakest edge shown, as a share of the strongest of its kind')}
        disabled={circuit === null}
        {...{ value: Math.round(STEPS * Math.sqrt(strength)), min: 0, max: STEPS, step: 1 }}
        text={(now) => `${(100 * (now / STEPS) ** 2).toFixed(0)} %`}
        onMove={(now) => {
          panel.arrange({ strength: (now / STEPS) ** 2 });
        }}
      />
      <TopBox panel={panel} top={top} />
      <Dropdown
        name={t('Effects measured by ablation to mean or zero')}
        class="measure"
        value={circuit?.measured.kind.kind ?? 'mean'}
        options={MEASURES}
        onChange={(chosen) => {
          panel.measure({ kind: chosen === 'zero' ? 'zero' : 'mean' });
        }}
      />
    </Popover>
  );
}

function TopBox({ panel, top }: { panel: Panel; top: number }) {
  return (
    <label class="slider" title={t('Most nodes shown')}>
      {t('top')}
      <input
        type="number"
        min={1}
        max={1000}
        value={top}
        onChange={({ currentTarget }) => {
          const value = Math.round(Number(currentTarget.value));
          if (value >= 1) panel.arrange({ top: Math.min(1000, value) });
          else currentTarget.value = String(top);
        }}
      />
    </label>
  );
}

/** What is shown and what there is. */
export function countsText(circuit: Circuit | null, { nodes, edges, joining }: Shown): string {
  if (!circuit) return '';
  const channels = nodes.filter(hasEffect).reduce((sum, { members = 1 }) => sum + members, 0);
  const { total } = circuit;
  if (nodes.some(({ part }) => part !== null)) {
    const size = [whole(channels), whole(total.nodes), whole(total.edges)];
    return nodes.some(({ effect }) => effect !== null)
      ? t(
          '{0} of {1} nodes, {2} edges through weights; effects of ablating each at every token',
          ...size,
        )
      : t('{0} of {1} nodes, {2} edges through weights', ...size);
  }
  const measured = nodes.every(({ role, effect }) => role !== 'channel' || effect !== null);
  const compared = nodes.some(({ other }) => other !== undefined);
  const active = compared
    ? plural(
        channels,
        '{0} node of {1} that differ up to here',
        '{0} nodes of {1} that differ up to here',
        whole(total.nodes),
      )
    : plural(
        channels,
        '{0} node of {1} active up to here',
        '{0} nodes of {1} active up to here',
        whole(total.nodes),
      );
  const joined =
    joining.size === 0
      ? active
      : `${active} ${plural(joining.size, '({0} only connects others)', '({0} only connect others)')}`;
  const between = plural(
    total.edges,
    '{1} of {0} edge between them',
    '{1} of {0} edges between them',
    whole(edges.length),
  );
  const counts = series([joined, between]);
  return measured ? counts : t('Estimates, not yet measured: {0}', counts);
}
