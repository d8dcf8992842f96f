/** What becomes of the selected nodes: keep, mean, zero, value or scale, and where. */
import { t, whole } from '../../shared/l10n';
import type { Panel } from '../panel';
import type { GraphNode, Kind, Place } from '../protocol';
import { selectionOf } from '../selection';
import { Button, Dropdown } from '../toolkit';
import { Popover } from './popover';
import { Slider } from './slider';

/** Places in words, for nodes at one token or at several. */
export function places(one: boolean): [Place, string][] {
  return one
    ? [
        ['at', t('at its token')],
        ['from', t('from its token on')],
        ['all', t('everywhere')],
      ]
    : [
        ['at', t('each at its token')],
        ['from', t('each from its token on')],
        ['all', t('everywhere')],
      ];
}

const SWITCHES: readonly (readonly [string, Kind | null, string])[] = [
  [t('keep'), null, t('Leave unchanged')],
  [t('mean'), { kind: 'mean' }, t('Set to the mean over the training data')],
  [t('zero'), { kind: 'zero' }, t('Set to zero')],
];

const number = (value: number) => value.toFixed(2).replace('-', '−');
const valueText = (value: number) => `→ ${number(value)}`;
export const scaleText = (scale: number) => `×${number(scale)}`;

export function SelectionBar({ panel }: { panel: Panel }) {
  const selection = selectionOf(panel.model, panel.state);
  const { nodes, state, place, value, scale, reach } = selection;
  if (nodes.length === 0) {
    return (
      <section class="selection" aria-label={t('Selected nodes')}>
        <div class="row">
          <p class="muted">{t('Select nodes by click, Shift+click, lasso or in the table.')}</p>
        </div>
      </section>
    );
  }
  const own = nodes.length === 1 ? whatIs(nodes[0]) : t('{0} nodes', whole(nodes.length));
  const meaning = nodes.length === 1 ? panel.drawing.meaningOf(nodes[0]) : '';
  const names = [...new Set(nodes.map(({ node }) => node))];
  // What is set of some nodes is not what is set of others.
  const ids = nodes.map(({ id }) => id).join(' ');
  const pinned = nodes.every(({ id }) => panel.model.marks.nodes.get(id)?.pinned === true);
  const amount = state === 'value' ? valueText(value) : state === 'scale' ? scaleText(scale) : null;
  const colored = panel.model.colored !== null && names.includes(panel.model.colored);
  return (
    <section class="selection" aria-label={t('Selected nodes')}>
      <div class="row" role="group" aria-label={t('Ablation of {0} nodes', nodes.length)}>
        <span class="what" title={`${own} ${meaning}`.trim()}>
          <b>{own}</b>
          {meaning !== '' && <span class="muted"> {meaning}</span>}
        </span>
        <div class="group">
          {SWITCHES.map(([label, kind, title]) => (
            <Button
              key={label}
              title={title}
              pressed={state === (kind?.kind ?? 'keep')}
              onClick={() => {
                void panel.ablate(kind);
              }}
            >
              {label}
            </Button>
          ))}
          {panel.model.subject?.other && (
            <Button
              title={t(
                'Patch their activations from the other text into this one, each at its token',
              )}
              pressed={state === 'patch'}
              onClick={() => {
                panel.patch();
              }}
            >
              {t('patch')}
            </Button>
          )}
        </div>
        {amount !== null && <b class="amount">{amount}</b>}
        <Dropdown
          // It shows the words that it was made with.
          key={`place of ${nodes.length === 1 ? 'one' : 'several'}`}
          name={t('At which tokens')}
          class="place-menu"
          value={place}
          options={places(nodes.length === 1)}
          onChange={(chosen) => {
            panel.setPlace(chosen as Place);
          }}
        />
        <Button
          title={t('Ablate all but these, and just these, against random sets of the same size')}
          onClick={() => {
            panel.readings.isolate();
          }}
        >
          {t('Enough? Needed?')}
        </Button>
        <Popover
          class="more"
          text={t('More')}
          title={t('Set them to a value or a scale, color the file, group and pin them')}
        >
          <Slider
            key={`value of ${ids}`}
            label={t('value')}
            title={t('Set to a value')}
            on={state === 'value'}
            {...{ value, min: -reach, max: reach, step: reach / 100 }}
            text={valueText}
            onDone={(now) => panel.ablate({ kind: 'value', value: now })}
          />
          <Slider
            key={`scale of ${ids}`}
            label={t('scale')}
            title={t('Set to a scale')}
            on={state === 'scale'}
            {...{ value: scale, min: -3, max: 3, step: 0.05 }}
            text={scaleText}
            onDone={(now) => panel.ablate({ kind: 'scale', scale: now })}
          />
          <Button
            title={t('Color the tokens of the file by this node')}
            disabled={names.length !== 1}
            onClick={() => {
              panel.act('color', { node: colored ? null : names[0] });
            }}
          >
            {colored ? t('Stop coloring') : t('Color the file')}
          </Button>
          <Button
            title={t('Draw these nodes as one, under a name')}
            onClick={() => {
              panel.arrange({ tab: 'list', list: 'groups' });
            }}
          >
            {t('Group')}
          </Button>
          <Button
            title={t('Show these nodes whatever their effect')}
            pressed={pinned}
            onClick={() => {
              panel.mark({ pinned: !pinned });
            }}
          >
            {t('Pin nodes')}
          </Button>
        </Popover>
        <Button
          name={t('Unselect')}
          onClick={() => {
            panel.choice.select([]);
          }}
        >
          ✕
        </Button>
      </div>
    </section>
  );
}

/** One node with its token. */
function whatIs({ label, at }: GraphNode): string {
  return at === null ? label : t('{0} at {1}', label, at);
}
