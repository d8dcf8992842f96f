/** The attention of one head: arcs from the token that reads, and a heat map over the window. */
import { pieces, t } from '../../shared/l10n';
import { percent, signed } from '../../shared/format';
import { useState } from 'preact/hooks';
import { headsByEffect } from '../heads';
import type { Panel } from '../panel';
import type { Attention, Match } from '../protocol';
import { readTheme } from '../theme';
import { TERMS } from '../terms';
import { Dropdown } from '../toolkit';
import { Arcs } from './arcs';
import { HeatMap } from './heatMap';
import { Code, Problem, Word } from './text';

export function AttentionView({ panel, width }: { panel: Panel; width: number }) {
  const { value: attention, waiting, problem } = panel.readings.attention.now;
  const match = panel.readings.match.now;
  const askAgain = () => {
    panel.readings.askView();
  };
  const [pointed, setPointed] = useState<string | null>(null);
  if (problem !== null) return <Problem text={problem} onRetry={askAgain} />;
  if (!attention) return <p class="muted">{t('Loading attention…')}</p>;
  const summary = summaryOf(attention);
  const explain = (key: number) => {
    panel.readings.explain(key);
  };
  return (
    <div class="attention-view" aria-busy={waiting}>
      <div class="row">
        <HeadMenu panel={panel} attention={attention} />
        <p class="muted" role="status">
          {pointed ?? summary}
        </p>
      </div>
      <Arcs attention={attention} onMatch={explain} />
      {match.problem !== null && <Problem text={match.problem} />}
      {match.value && <MatchTable match={match.value} />}
      <HeatMap
        {...{ attention, summary, width }}
        theme={readTheme()}
        onPoint={setPointed}
        onReveal={(token) => {
          panel.act('reveal', { token });
        }}
      />
    </div>
  );
}

/** Heads by their effect on the prediction, then all others. */
function HeadMenu({ panel, attention }: { panel: Panel; attention: Attention }) {
  const { layers, heads } = attention;
  const { layer, head } = panel.readings.head;
  const mattering = headsByEffect(panel.model.circuit);
  const known = new Set(mattering.map((one) => `${one.layer}.${one.head}`));
  const others = Array.from({ length: layers * heads }, (_, i) => {
    return `${Math.floor(i / heads)}.${i % heads}`;
  }).filter((key) => !known.has(key));
  const name = (key: string) => t('Layer {0}, head {1}', ...key.split('.'));
  return (
    <Dropdown
      name={t('Head')}
      class="head"
      value={`${layer}.${head}`}
      options={[
        ...mattering.map(({ layer: l, head: h, effect }) => {
          const key = `${l}.${h}`;
          return [key, `${name(key)} · ${t('effects {0} nats', effect.toFixed(2))}`] as const;
        }),
        ...others.map((key) => [key, name(key)] as const),
      ]}
      onChange={(chosen) => {
        const [l, h] = chosen.split('.').map(Number);
        panel.readings.look(l, h);
      }}
    />
  );
}

function summaryOf({ rows, sink, reader, texts }: Attention): string {
  const row = rows[reader];
  const best = row.reduce((top, share, i) => (share > row[top] ? i : top), 0);
  return t(
    '{0} attends most to {1} ({2}); its sink takes {3}.',
    texts[reader],
    texts[best],
    percent(row[best]),
    percent(sink[reader]),
  );
}

/** The products of query and key that make one score. */
function MatchTable({ match }: { match: Match }) {
  const { query, key, share, score, recency, parts } = match;
  return (
    <section class="match">
      <h3>
        {pieces(
          '{0} attends to {1} {2}: score {3} nats',
          <Code text={query.text} />,
          <Code text={key.text} />,
          percent(share),
          signed(score),
        )}
      </h3>
      <table class="outcomes">
        <thead>
          <tr>
            {['', t('query'), t('key'), t('product (nats)')].map((text, i) => (
              <th key={i} scope="col" title={i === 3 ? TERMS.nats : TERMS.query}>
                {text}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {parts.map(({ channel, q, k, product }) => (
            <tr key={channel}>
              <th scope="row">
                <Word of="channel">{t('channel {0}', channel)}</Word>
              </th>
              {[q, k, product].map((value, i) => (
                <td key={i} class="number">
                  {signed(value)}
                </td>
              ))}
            </tr>
          ))}
          {recency !== 0 && (
            <tr>
              <th scope="row">{t('distance')}</th>
              <td />
              <td />
              <td class="number">{signed(recency)}</td>
            </tr>
          )}
        </tbody>
      </table>
    </section>
  );
}
