/** What becomes of the selected nodes: keep, mean, zero, value or scale, and where. */
import type { Panel } from '../panel';
import type { GraphNode, Kind, Place } from '../protocol';
import { selectionOf } from '../selection';
import { Button, Dropdown } from '../toolkit';
import { Slider } from './slider';

/** Places in words, for nodes at one token or at several. */
function places(one: boolean): [Place, string][] {
  return one
    ? [
        ['at', 'at its token'],
        ['from', 'from its token on'],
        ['all', 'everywhere'],
      ]
    : [
        ['at', 'each at its token'],
        ['from', 'each from its token on'],
        ['all', 'everywhere'],
      ];
}

const SWITCHES: readonly (readonly [string, Kind | null, string])[] = [
  ['keep', null, 'Keep as the model has it'],
  ['mean', { kind: 'mean' }, 'Set to the mean over the training data'],
  ['zero', { kind: 'zero' }, 'Set to zero'],
];

const number = (value: number) => value.toFixed(2).replace('-', '−');

export function SelectionBar({ panel }: { panel: Panel }) {
  const selection = selectionOf(panel.model, panel.state);
  const { nodes, state, place, value, scale, reach } = selection;
  if (nodes.length === 0) {
    return (
      <section class="selection" aria-label="Selected nodes">
        <div class="row">
          <p class="muted">Select nodes by click, Shift+click, lasso or in the table.</p>
        </div>
      </section>
    );
  }
  const names = [...new Set(nodes.map(({ node }) => node))];
  // What is set of some nodes is not what is set of others.
  const ids = nodes.map(({ id }) => id).join(' ');
  const colored = panel.model.colored !== null && names.includes(panel.model.colored);
  return (
    <section class="selection" aria-label="Selected nodes">
      <div class="row" role="group" aria-label={`What becomes of ${nodes.length} nodes`}>
        <b>{nodes.length === 1 ? whatIs(nodes[0]) : `${nodes.length} nodes`}</b>
        {nodes.length === 1 && <span class="muted">{panel.meaningOf(nodes[0])}</span>}
        <div class="group">
          {SWITCHES.map(([label, kind, title]) => (
            <Button
              key={label}
              title={title}
              pressed={state === (kind?.kind ?? 'keep')}
              onClick={() => {
                panel.ablate(kind);
              }}
            >
              {label}
            </Button>
          ))}
        </div>
        <Slider
          key={`value of ${ids}`}
          label="value"
          name="Set to a value"
          on={state === 'value'}
          {...{ value, min: -reach, max: reach, step: reach / 100 }}
          text={(now) => `→ ${number(now)}`}
          onDone={(now) => {
            panel.ablate({ kind: 'value', value: now });
          }}
        />
        <Slider
          key={`scale of ${ids}`}
          label="scale"
          name="Set to a scale"
          on={state === 'scale'}
          {...{ value: scale, min: -3, max: 3, step: 0.05 }}
          text={(now) => `×${number(now)}`}
          onDone={(now) => {
            panel.ablate({ kind: 'scale', scale: now });
          }}
        />
        <Dropdown
          name="At which tokens"
          class="place-menu"
          value={place}
          options={places(nodes.length === 1)}
          onChange={(chosen) => {
            panel.setPlace(chosen as Place);
          }}
        />
        <Button
          title="Ablate all but these, and just these, beside random sets of the same size"
          onClick={() => {
            panel.isolate();
          }}
        >
          Enough? Needed?
        </Button>
        <Button
          title="Color the tokens of the file by this node"
          disabled={names.length !== 1}
          onClick={() => {
            panel.act('color', { node: colored ? null : names[0] });
          }}
        >
          {colored ? 'Stop coloring' : 'Color the file'}
        </Button>
        <Button
          onClick={() => {
            panel.select([]);
          }}
        >
          Unselect
        </Button>
      </div>
    </section>
  );
}

/** One node with its token. */
function whatIs({ label, at }: GraphNode): string {
  return `${label}${at === null ? '' : ` at ${at}`}`;
}
