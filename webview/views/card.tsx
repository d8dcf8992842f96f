/** Everything about one node at one token. */
import { pieces, t, whole } from '../../shared/l10n';
import { signed } from '../../shared/format';
import type { Panel } from '../panel';
import type { Card, Neighbor } from '../protocol';
import { TERMS, type Term } from '../terms';
import { readTheme } from '../theme';
import { Button, TextField } from '../toolkit';

import { FileHistogram, HeldOutHistogram } from './histogram';
import { Examples, HeldOut } from './examples';
import { Strip } from './strip';
import { Code, Link, Problem, Word } from './text';

const SHOWN = 8;

export function CardView({ panel }: { panel: Panel }) {
  const { opened } = panel.choice;
  const { value: card, waiting, problem } = panel.choice.card.now;
  if (!opened) return <p class="muted">{t('Choose a node to see what it does.')}</p>;
  const askAgain = () => {
    panel.choice.askAgain();
  };
  if (problem !== null) return <Problem text={problem} onRetry={askAgain} />;
  const same = card?.node === opened.node && card.token === opened.token;
  if (!card || !same) return <p class="muted">{t('Loading {0}…', opened.node)}</p>;
  const reveal = (token: number) => {
    panel.act('reveal', { token });
  };
  // Without a label what the weights say, where that is known.
  const aboutOf = (node: string) =>
    panel.drawing.meaningOf({ node }) || (card.detects === null ? '' : t('no label'));
  const open = (node: string) => {
    panel.choice.open({ node, token: card.token });
  };
  return (
    <div aria-busy={waiting}>
      <Heading card={card} panel={panel} />
      <Numbers card={card} />
      <Detects card={card} />
      <div class="columns">
        <Neighbors
          title={t('Reads')}
          term="reads"
          list={card.reads}
          count={card.readCount}
          onOpen={open}
          aboutOf={aboutOf}
        />
        <Neighbors
          title={t('Writes')}
          term="writes"
          list={card.writes}
          count={card.writeCount}
          onOpen={open}
          aboutOf={aboutOf}
        />
        <Pushed title={t('Promotes')} term="promotes" list={card.promotes} />
        <Pushed title={t('Suppresses')} term="suppresses" list={card.suppresses} />
        <Pushed title={t('Excited by the token')} term="excitedBy" list={card.excitedBy} />
        <Pushed title={t('Inhibited by the token')} term="inhibitedBy" list={card.inhibitedBy} />
      </div>
      <h3>{t('Activation along the file')}</h3>
      <Strip strip={card.strip} here={card.token} theme={readTheme()} onReveal={reveal} />
      <FileHistogram values={card.strip.values} />
      <Examples title={t('Strongest in this file')} list={card.strongest} onReveal={reveal} />
      <Examples
        title={t('From strong to weak in this file')}
        list={card.spread.map(({ quantile, example }) => ({
          ...example,
          source: t('{0}, above {1} %', example.source, Math.round(100 * quantile)),
        }))}
        onReveal={reveal}
      />
      <HeldOutHistogram activity={card.heldOut.activity} />
      <HeldOut title={t('Held-out Python, positive')} groups={card.heldOut.positive} />
      <HeldOut title={t('Held-out Python, negative')} groups={card.heldOut.negative} />
    </div>
  );
}

function Heading({ card, panel }: { card: Card; panel: Panel }) {
  const { node, label, at, head } = card;
  const given = panel.model.labels.get(node) ?? '';
  const id = panel.idOf(card);
  const { note = '', group = '' } = panel.model.marks.nodes.get(id) ?? {};
  const about = panel.drawing.meaningOf(card);
  const name = <bdi>{given === '' ? label : given}</bdi>;
  return (
    <div class="row">
      <h2>{at === null ? name : pieces('{0} at {1}', name, <Code text={at} />)}</h2>
      <span class="muted">{given === '' ? node : `${label} · ${node}`}</span>
      {about && <span class="muted">{about}</span>}
      <TextField
        key={node}
        class="label"
        name={t('Label of {0}, saved in the workspace', label)}
        placeholder={t('Label')}
        maxLength={60}
        value={given}
        onChange={(text) => {
          if (text.trim() !== given) panel.act('label', { node, text });
        }}
      />
      <TextField
        key={`note ${id}`}
        class="note"
        name={t('Note on {0} at this token, saved in the workspace', label)}
        placeholder={t('Note')}
        maxLength={300}
        value={note}
        onChange={(text) => {
          if (text.trim() !== note) {
            panel.act('mark', { vertices: [{ node, token: card.token }], note: text });
          }
        }}
      />
      {group !== '' && (
        <Button
          title={t('Show the node’s group')}
          onClick={() => {
            panel.choice.showGroup(group);
          }}
        >
          {group}
        </Button>
      )}
      {head && (
        <Button
          onClick={() => {
            panel.readings.look(head.layer, head.head);
          }}
        >
          {t('Attention of head {0}', head.head)}
        </Button>
      )}
    </div>
  );
}

/** What the node tells by the bundle's labels; how good a label is stands behind a click. */
function Detects({ card: { detects } }: { card: Card }) {
  if (detects === null) return null;
  if (detects.length === 0) return <p class="muted">{t('No label was accepted for this node.')}</p>;
  return (
    <>
      {detects.map(({ sign, text, scores }) => (
        <details key={sign} class="detects">
          <summary>{pieces('{0} detects {1}', sign, <b>{text}</b>)}</summary>
          <p class="muted">{scores}</p>
        </details>
      ))}
    </>
  );
}

function Numbers({ card: { activation, now, mean, effect, ablation } }: { card: Card }) {
  const parts: [string, string, string][] = [
    [
      t('here'),
      now === activation ? signed(activation) : `${signed(activation)} → ${signed(now)}`,
      TERMS.activation,
    ],
    [t('mean'), mean === null ? t('unknown') : signed(mean), TERMS.mean],
    [
      t('effect of {0}', ablation),
      t('{0} nats', signed(effect, 3)),
      `${TERMS.effect} ${TERMS.nats}`,
    ],
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
  /** What a node without a label is about. */
  readonly aboutOf: (node: string) => string;
}

function Neighbors({ title, term, list, count, onOpen, aboutOf }: NeighborsProps) {
  if (list.length === 0) return null;
  const shown = list.slice(0, SHOWN);
  return (
    <section>
      <h3>
        <Word of={term}>{title}</Word>
        <span class="muted"> {t('weight · × activation')}</span>
      </h3>
      <ul class="plain">
        {shown.map(({ node, label, about, weight, contribution }, i) => (
          <li key={i}>
            {node === null ? (
              <Code text={label} />
            ) : (
              <Link
                title={t('Open {0}', label)}
                onClick={() => {
                  onOpen(node);
                }}
              >
                {label}
              </Link>
            )}
            <span class="muted about">{node !== null && (about ?? aboutOf(node))}</span>
            <span class="number">
              {contribution === null
                ? signed(weight)
                : `${signed(weight)} · ${signed(contribution)}`}
            </span>
          </li>
        ))}
      </ul>
      {count > shown.length && (
        <p class="muted">{t('and {0} more', whole(count - shown.length))}</p>
      )}
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
