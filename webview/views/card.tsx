/** Everything about one node at one token. */
import { signed } from '../format';
import type { Panel } from '../panel';
import type { Card, Example, Neighbor } from '../protocol';
import { TERMS, type Term } from '../terms';
import { readTheme } from '../theme';
import { Button, TextField } from '../toolkit';
import { Histogram } from './histogram';
import { Strip } from './strip';
import { Code, Link, Problem, Word } from './text';

const SHOWN = 8;

export function CardView({ panel }: { panel: Panel }) {
  const { opened } = panel;
  const { value: card, waiting, problem } = panel.card.now;
  if (!opened) return <p class="muted">Choose a node to read what it does.</p>;
  if (problem !== null) return <Problem text={problem} />;
  const same = card?.node === opened.node && card.token === opened.token;
  if (!card || !same) return <p class="muted">Reading {opened.node}…</p>;
  const reveal = (token: number) => {
    panel.act('reveal', { token });
  };
  const open = (node: string) => {
    panel.open({ node, token: card.token });
  };
  return (
    <div aria-busy={waiting}>
      <Heading card={card} panel={panel} />
      <Numbers card={card} />
      <Detects card={card} />
      <div class="columns">
        <Neighbors
          title="Reads"
          term="reads"
          list={card.reads}
          count={card.readCount}
          onOpen={open}
        />
        <Neighbors
          title="Writes"
          term="writes"
          list={card.writes}
          count={card.writeCount}
          onOpen={open}
        />
        <Pushed title="Promotes" term="promotes" list={card.promotes} />
        <Pushed title="Suppresses" term="suppresses" list={card.suppresses} />
        <Pushed title="Excited by the token" term="excitedBy" list={card.excitedBy} />
        <Pushed title="Inhibited by the token" term="inhibitedBy" list={card.inhibitedBy} />
      </div>
      <h3>Activation along the file</h3>
      <Strip strip={card.strip} here={card.token} theme={readTheme()} onReveal={reveal} />
      <Histogram card={card} />
      <Examples title="Strongest in this file" list={card.strongest} onReveal={reveal} />
      <Examples
        title="From strong to weak in this file"
        list={card.spread.map(({ quantile, example }) => ({
          ...example,
          source: `${example.source}, above ${Math.round(100 * quantile)} %`,
        }))}
        onReveal={reveal}
      />
      <Examples
        title="Held-out Python, most positive"
        list={card.heldOut.positive}
        onReveal={reveal}
      />
      <Examples
        title="Held-out Python, most negative"
        list={card.heldOut.negative}
        onReveal={reveal}
      />
    </div>
  );
}

function Heading({ card, panel }: { card: Card; panel: Panel }) {
  const { node, label, at, head } = card;
  const given = panel.model.labels.get(node) ?? '';
  const about = panel.meaningOf(card);
  return (
    <div class="row">
      <h2>
        <bdi>{given === '' ? label : given}</bdi>
        {at !== null && (
          <>
            {' at '}
            <Code text={at} />
          </>
        )}
      </h2>
      <span class="muted">{given === '' ? node : `${label} · ${node}`}</span>
      {about && <span class="muted">{about}</span>}
      <TextField
        key={node}
        class="label"
        name={`Label of ${label}, kept in the workspace`}
        placeholder="Label"
        maxLength={60}
        value={given}
        onChange={(text) => {
          if (text.trim() !== given) panel.act('label', { node, text });
        }}
      />
      {head && (
        <Button
          onClick={() => {
            panel.look(head.layer, head.head);
          }}
        >
          Attention of head {head.head}
        </Button>
      )}
    </div>
  );
}

/** What the node tells by the bundle's labels; how good a label is stands behind a click. */
function Detects({ card: { detects } }: { card: Card }) {
  if (detects === null) return null;
  if (detects.length === 0) return <p class="muted">No label was accepted for this node.</p>;
  return (
    <>
      {detects.map(({ sign, text, scores }) => (
        <details key={sign} class="detects">
          <summary>
            {sign} tells <b>{text}</b>
          </summary>
          <p class="muted">{scores}</p>
        </details>
      ))}
    </>
  );
}

function Numbers({ card: { activation, now, mean, effect, ablation } }: { card: Card }) {
  const parts: [string, string, string][] = [
    [
      'here',
      now === activation ? signed(activation) : `${signed(activation)} → ${signed(now)}`,
      TERMS.activation,
    ],
    ['mean', mean === null ? 'unknown' : signed(mean), TERMS.mean],
    [`effect of ${ablation}`, `${signed(effect, 3)} nats`, `${TERMS.effect} ${TERMS.nats}`],
  ];
  return (
    <dl class="numbers">
      {parts.map(([term, value, title]) => (
        <div key={title} title={title}>
          <dt>{term}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

interface NeighborsProps {
  readonly title: string;
  readonly term: Term;
  readonly list: readonly Neighbor[];
  readonly count: number;
  readonly onOpen: (node: string) => void;
}

function Neighbors({ title, term, list, count, onOpen }: NeighborsProps) {
  if (list.length === 0) return null;
  const shown = list.slice(0, SHOWN);
  return (
    <section>
      <h3>
        <Word of={term}>{title}</Word>
        <span class="muted"> weight · × activation</span>
      </h3>
      <ul class="plain">
        {shown.map(({ node, label, weight, contribution }, i) => (
          <li key={i}>
            {node === null ? (
              <Code text={label} />
            ) : (
              <Link
                title={`Open ${label}`}
                onClick={() => {
                  onOpen(node);
                }}
              >
                {label}
              </Link>
            )}
            <span class="number">
              {contribution === null
                ? signed(weight)
                : `${signed(weight)} · ${signed(contribution)}`}
            </span>
          </li>
        ))}
      </ul>
      {count > shown.length && <p class="muted">and {count - shown.length} more</p>}
    </section>
  );
}

function Pushed({ title, term, list }: { title: string; term: Term; list: Card['promotes'] }) {
  if (list.length === 0) return null;
  return (
    <section>
      <h3>
        <Word of={term}>{title}</Word>
      </h3>
      <ul class="plain">
        {list.slice(0, SHOWN).map(({ text, weight }, i) => (
          <li key={i}>
            <Code text={text} />
            <span class="number">{signed(weight)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

interface ExamplesProps {
  readonly title: string;
  readonly list: readonly Example[];
  readonly onReveal: (token: number) => void;
}

function Examples({ title, list, onReveal }: ExamplesProps) {
  if (list.length === 0) return null;
  return (
    <section>
      <h3>{title}</h3>
      <ul class="examples">
        {list.slice(0, SHOWN).map(({ before, text, after, activation, token, source }, i) => (
          <li key={i}>
            <span class="number">{signed(activation)}</span>
            <span class="quote">
              {/* Cut at its far end, so that the token stays in sight. */}
              <span class="before">
                <bdi dir="ltr">{before}</bdi>
              </span>
              <mark>
                <bdi>{text}</bdi>
              </mark>
              <bdi class="after">{after}</bdi>
            </span>
            {token === null ? (
              <span class="muted">{source}</span>
            ) : (
              <Link
                title={`Go to ${source}`}
                onClick={() => {
                  onReveal(token);
                }}
              >
                {source}
              </Link>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
