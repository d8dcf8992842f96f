/** The dense model beside the sparse one: steered by a node, over strengths, with its controls. */
import { useState } from 'preact/hooks';
import { percent } from '../../shared/format';
import { pieces, t, whole } from '../../shared/l10n';
import type { Panel } from '../panel';
import type { BridgeNodes, Steering, SteeringControls } from '../protocol';
import type { OfLine } from '../steering';
import { Button, Dropdown, TextField } from '../toolkit';
import { Slider } from './slider';
import { SteeringCurve } from './steeringCurve';
import { Code, Link, Problem } from './text';

/** Nodes whose effect on the dense model is measured in search of those that explain a difference. */
const MEASURED = 128;

export function DenseView({ panel }: { panel: Panel }) {
  const { dense, line: own = '' } = panel.model.subject ?? {};
  const [line, setLine] = useState<string | null>(null);
  const [chosen, setConcept] = useState('');
  if (!dense) return <p class="muted">{t('This model has no bridges to a dense one.')}</p>;
  const text = line ?? own;
  const changed = text !== own;
  const node = panel.choice.steering;
  const concepts = panel.readings.dense.concepts.now.value ?? [];
  // Another model may have no such concept.
  const concept = concepts.includes(chosen) ? chosen : '';
  return (
    <div class="dense">
      <p class="muted">
        {t(
          'What a node does in another text is added, through the bridge, to the residual stream of {0} in this one.',
          dense.name,
        )}
      </p>
      <div class="row">
        <TextField
          key={own}
          class="other-line"
          name={t('The changed line, up to the token')}
          placeholder={own}
          maxLength={2000}
          value={text}
          onInput={setLine}
        />
        <Button
          disabled={!changed || node === null}
          title={t('Steer {0} with the node whose card is open', dense.name)}
          onClick={() => {
            if (node !== null) panel.readings.steer(node, text);
          }}
        >
          {t('Steer')}
        </Button>
        <Button
          disabled={!changed}
          title={t('Try the nodes that differ most between the two texts, each alone')}
          onClick={() => {
            panel.readings.dense.find(text, MEASURED, concept === '' ? null : concept);
          }}
        >
          {t('Which nodes?')}
        </Button>
        {concepts.length > 0 && (
          <Dropdown
            name={t('Concept that the labels of the nodes name')}
            value={concept}
            options={[['', t('any concept')], ...concepts.map((one) => [one, one] as const)]}
            onChange={setConcept}
          />
        )}
      </div>
      {!changed && (
        <p class="muted">
          {t('Change one thing in the line, such as the quote that opens a string.')}
        </p>
      )}
      {changed && node === null && (
        <p class="muted">
          {t('Choose a node that can steer, or ask which nodes make the difference.')}
        </p>
      )}
      <Found panel={panel} line={text} />
      <Steered panel={panel} line={text} />
    </div>
  );
}

/** Says of what was asked about another line that it is of that one; nothing where it is of this one. */
function Stale({ line, of }: { line: string; of: string }) {
  if (line === of) return null;
  return (
    <p class="stale" role="status">
      {pieces('Of another line: {0}', <Code text={of} />)}
    </p>
  );
}

/** Nodes that explain the difference. */
function Found({ panel, line }: { panel: Panel; line: string }) {
  const { value, waiting, problem } = panel.readings.dense.nodes.now;
  if (problem !== null) return <Problem text={problem} />;
  if (waiting) return <p class="muted">{t('Trying nodes…')}</p>;
  if (!value) return null;
  return (
    <>
      <Stale line={line} of={value.line} />
      <FoundTable found={value} panel={panel} />
    </>
  );
}

/** Its nodes steer as they were found: by the line that was asked about. */
function FoundTable({ found, panel }: { found: OfLine<BridgeNodes>; panel: Panel }) {
  const { wanted, concept, shareWithout, nodes, measured, differing, line } = found;
  return (
    <table class="outcomes" aria-label={t('Nodes that make the difference')}>
      <caption class="muted">
        {pieces(
          '{0} has {1} here. Tried: the {2} of {3} nodes that change the dense model’s residual stream most.',
          <Code text={wanted} />,
          percent(shareWithout),
          whole(measured),
          whole(differing),
        )}
        {concept !== null && ` ${t('Only nodes whose label names {0}.', concept)}`}
      </caption>
      <tbody>
        {nodes.map(({ node, label, about, share }) => (
          <tr key={node}>
            <th scope="row">
              <Link
                title={t('Steer with {0}', label)}
                onClick={() => {
                  panel.readings.steer(node, line);
                }}
              >
                {label}
              </Link>
              <About text={about} />
            </th>
            <td class="number">{percent(share)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** What a node tells. */
function About({ text }: { text: string | null }) {
  if (text === null) return null;
  return <span class="muted about"> {text}</span>;
}

function Steered({ panel, line }: { panel: Panel; line: string }) {
  const { value, waiting, problem } = panel.readings.dense.curve.now;
  const { value: controls, waiting: trying, problem: failed } = panel.readings.dense.controls.now;
  if (problem !== null) return <Problem text={problem} />;
  if (!value) return waiting ? <p class="muted">{t('Steering…')}</p> : null;
  const own = controls?.node === value.node && controls.line === value.line ? controls : null;
  return (
    <section aria-busy={waiting} aria-label={t('Steered with {0}', value.label)}>
      <h3>
        {t('Steered with {0}', value.label)}
        <About text={value.about} />
      </h3>
      <Stale line={line} of={value.line} />
      <Shares steering={value} controls={own} />
      {failed !== null && <Problem text={failed} />}
      {own ? (
        <Against controls={own} />
      ) : (
        trying && (
          <p class="muted">{t('Trying random nodes and the dense model’s own channels…')}</p>
        )
      )}
    </section>
  );
}

/** The curve, and the prediction at the strength of the slider. */
function Shares({ steering, controls }: { steering: Steering; controls: SteeringControls | null }) {
  const { strengths, tokens } = steering;
  const [at, setAt] = useState(strengths.length - 1);
  const index = Math.min(at, strengths.length - 1);
  return (
    <div class="steered">
      <SteeringCurve steering={steering} controls={controls} at={index} />
      <div>
        <Slider
          label={t('strength')}
          title={t('How much of the node’s change is added')}
          {...{ value: index, min: 0, max: strengths.length - 1, step: 1 }}
          text={(now) => strengths[now].toFixed(1)}
          onMove={setAt}
          onDone={setAt}
        />
        <table class="outcomes" aria-label={t('What the dense model predicts')}>
          <thead>
            <tr>
              <th scope="col">{t('token')}</th>
              <th scope="col" class="number">
                {t('share')}
              </th>
              <th scope="col" class="number">
                {t('in the other text')}
              </th>
            </tr>
          </thead>
          <tbody>
            {[...tokens]
              .sort((a, b) => b.shares[index] - a.shares[index])
              .map(({ id, text, wanted, other, shares }) => (
                <tr key={id} class={wanted ? 'first' : ''}>
                  <th scope="row">
                    <Code text={text} />
                  </th>
                  <td class="number">{percent(shares[index])}</td>
                  <td class="number">{percent(other)}</td>
                </tr>
              ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}

/** What does the same without the node. */
function Against({ controls: { random, channels, channelCount } }: { controls: SteeringControls }) {
  const best = (list: SteeringControls['random']) => list.at(0);
  const [node, channel] = [best(random), best(channels)];
  return (
    <p class="muted">
      {node
        ? t('Best of {0} random nodes: {1}.', whole(random.length), percent(node.share))
        : t('No random node differs between the texts.')}{' '}
      {channel &&
        t(
          'Best of all {0} channels of the dense model’s own residual stream there: {1} ({2}).',
          whole(channelCount),
          percent(channel.share),
          channel.node,
        )}
    </p>
  );
}
