/** Which view, and how much of the circuit. */
import { largestEffect, sliderOf, thresholdOf, type Shown } from '../filter';
import { counted, whole } from '../format';
import type { Panel } from '../panel';
import type { Circuit, Kind, ViewState } from '../protocol';
import { Button, Dropdown } from '../toolkit';
import { Slider } from './slider';

const STEPS = 100;
const VIEWS: readonly (readonly [ViewState['view'], string])[] = [
  ['graph', 'Graph'],
  ['table', 'Table'],
  ['attention', 'Attention'],
  ['lens', 'Layers'],
];
const MEASURES: readonly (readonly [Kind['kind'] & ('mean' | 'zero'), string])[] = [
  ['mean', 'by mean'],
  ['zero', 'by zero'],
];

/** Whether a view shows the circuit. */
export const ofCircuit = (view: ViewState['view']) => view === 'graph' || view === 'table';

export function Controls({ panel }: { panel: Panel }) {
  const { state, lasso } = panel;
  const { circuit } = panel.model;
  return (
    <div class="row controls">
      <div class="group" role="group" aria-label="View">
        {VIEWS.map(([view, text]) => (
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
      {panel.hasOpenGroups && (
        <Button
          onClick={() => {
            panel.closeGroups();
          }}
        >
          Close groups
        </Button>
      )}
      {state.view === 'graph' && (
        <div class="group" role="group" aria-label="Picture">
          <Button
            title="Draw around nodes to select them; Shift adds"
            pressed={lasso}
            onClick={() => {
              panel.setLasso(!lasso);
            }}
          >
            Lasso
          </Button>
          <Button name="Smaller" onClick={() => panel.graph?.zoomBy(0.8)}>
            −
          </Button>
          <Button name="Larger" onClick={() => panel.graph?.zoomBy(1.25)}>
            +
          </Button>
          <Button title="Fit the whole circuit" onClick={() => panel.graph?.fit()}>
            Fit
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
    <details class="filters">
      <summary title="How much of the circuit is shown, and how effects are measured">
        Filter
      </summary>
      <div>
        <Slider
          label="effect ≥"
          name="Smallest effect shown, in nats"
          disabled={circuit === null}
          {...{
            value: Math.round(STEPS * sliderOf(threshold, largest)),
            min: 0,
            max: STEPS,
            step: 1,
          }}
          text={(now) => `${effect(now).toFixed(2)} nats`}
          onMove={(now) => {
            panel.arrange({ threshold: effect(now) });
          }}
        />
        <Slider
          label="edges ≥"
          name="Weakest edge shown, as a share of the strongest of its kind"
          disabled={circuit === null}
          {...{ value: Math.round(STEPS * Math.sqrt(strength)), min: 0, max: STEPS, step: 1 }}
          text={(now) => `${(100 * (now / STEPS) ** 2).toFixed(0)} %`}
          onMove={(now) => {
            panel.arrange({ strength: (now / STEPS) ** 2 });
          }}
        />
        <TopBox panel={panel} top={top} />
        <Dropdown
          name="Effects measured by ablation to mean or zero"
          class="measure"
          value={circuit?.measured.kind.kind ?? 'mean'}
          options={MEASURES}
          onChange={(chosen) => {
            panel.measure({ kind: chosen === 'zero' ? 'zero' : 'mean' });
          }}
        />
      </div>
    </details>
  );
}

function TopBox({ panel, top }: { panel: Panel; top: number }) {
  return (
    <label class="slider">
      top
      <input
        type="number"
        aria-label="Most nodes shown"
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
  const channels = nodes.filter(({ role }) => role === 'channel').length;
  const { total } = circuit;
  if (nodes.some(({ part }) => part !== null)) {
    const shown = nodes.reduce(
      (sum, { role, short }) => sum + (role === 'group' ? Number(short) : 1),
      0,
    );
    const effects = nodes.some(({ effect }) => effect !== null)
      ? '; effects of ablating each at every token'
      : '';
    return `${whole(shown)} of ${whole(total.nodes)} nodes, ${whole(total.edges)} edges through weights${effects}`;
  }
  const measured = nodes.every(({ role, effect }) => role !== 'channel' || effect !== null);
  const joined = joining.size === 0 ? '' : ` (${whole(joining.size)} only join others)`;
  return (
    `${measured ? '' : 'Estimates, effects follow: '}${counted(channels, 'node')} of ${whole(total.nodes)} active up to here${joined}, ` +
    `${whole(edges.length)} of ${counted(total.edges, 'edge')} between them`
  );
}
