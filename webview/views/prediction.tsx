/** What the model predicts, without and with the ablations, as bars; a click asks about a token. */
import { ablationsText } from '../../shared/ablations';
import { pieces, t } from '../../shared/l10n';
import { percent, signed } from '../../shared/format';
import type { Panel } from '../panel';
import type { Prediction, Subject } from '../protocol';
import { sharesOf } from '../shares';
import { Code, Problem, Word } from './text';

type Candidate = Prediction['candidates'][number];

export function PredictionBars({ panel }: { panel: Panel }) {
  const { prediction, subject, problems } = panel.model;
  const problem = problems.prediction;
  const retry = () => {
    panel.retry();
  };
  if (!prediction || !subject) {
    return (
      <section class="prediction" aria-label={t('Prediction')}>
        {problem === undefined ? (
          <p class="muted">{t('Tracing…')}</p>
        ) : (
          <Problem text={problem} onRetry={retry} />
        )}
      </section>
    );
  }
  const { compared } = prediction;
  const changed = compared || prediction.inForce.ablations > 0;
  const head = [t('token'), '', ...sharesOf(prediction)];
  return (
    <section class="prediction" aria-label={t('Prediction')}>
      <Summary prediction={prediction} subject={subject} />
      {problem !== undefined && <Problem text={problem} onRetry={retry} />}
      <table class={`bars ${changed ? 'changed' : ''}`} aria-label={t('Likeliest tokens')}>
        <thead>
          <tr>
            {head.map((text, i) => (
              <th key={i} scope="col">
                {i === 0 ? <Word of="token">{text}</Word> : text}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {prediction.candidates.map((candidate) => (
            <Row key={candidate.id} candidate={candidate} changed={changed} panel={panel} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

interface RowProps {
  readonly candidate: Candidate;
  readonly changed: boolean;
  readonly panel: Panel;
}

function Row({ candidate, changed, panel }: RowProps) {
  const { id, text, before, now, ablated, observed, target, contrast } = candidate;
  const choose = ({ shiftKey }: MouseEvent) => {
    if (!shiftKey) panel.aim(id, null);
    // Against itself a token is nothing; a second time takes the contrast away.
    else if (!target) panel.aim(null, contrast ? null : id);
  };
  const title = target
    ? t('The circuit explains this token')
    : contrast
      ? t('The circuit explains the other token against this one; Shift+click undoes that')
      : t('Click: explain this token. Shift+click: why the other rather than this one');
  return (
    <tr class={target ? 'target' : contrast ? 'contrast' : ''} onClick={choose}>
      <th scope="row">
        <button type="button" class="choice" title={title} aria-pressed={target}>
          <Code text={text} />
        </button>
        {observed && (
          <span class="observed" title={t('the token in the file')}>
            {' '}
            ◂<span class="hidden-text"> {t('the token in the file')}</span>
          </span>
        )}
        {contrast && <span class="muted"> {t('not this')}</span>}
      </th>
      <td class="bar-cell" aria-hidden="true">
        <i class="before" style={{ width: width(before) }} />
        {changed && <i class="after" style={{ width: width(now) }} />}
      </td>
      <td class="number">{percent(before)}</td>
      {changed && <td class="number">{percent(now)}</td>}
      {ablated !== undefined && <td class="number">{percent(ablated)}</td>}
    </tr>
  );
}

const width = (share: number) => `${Math.max(0.4, 100 * share)}%`;

interface SummaryProps {
  readonly prediction: Prediction;
  readonly subject: Subject;
}

function Summary({ prediction, subject }: SummaryProps) {
  const { inForce, compared, logprob } = prediction;
  const { target, contrast } = subject;
  const { before, now, ablated } = logprob;
  const nats = (value: string) => pieces('{0} {1}', value, <Word of="nats">{t('nats')}</Word>);
  // Log-odds of two tokens are no share.
  const shown = (value: number) =>
    contrast ? t('{0} nats', signed(value)) : percent(Math.exp(value));
  return (
    <p class="summary" role="status">
      {contrast
        ? pieces('{0} against {1}', <Code text={target.text} />, <Code text={contrast.text} />)
        : [<Code text={target.text} />]}{' '}
      {compared
        ? [
            ...pieces(
              '{0} here, {1} in the other text, {2}',
              shown(before),
              shown(now),
              <b>{nats(signed(now - before))}</b>,
            ),
            ...(ablated === undefined
              ? []
              : pieces(
                  '; {0} here with {1}, {2}',
                  shown(ablated),
                  ablationsText(inForce),
                  <b>{nats(signed(ablated - before))}</b>,
                )),
          ]
        : inForce.ablations > 0
          ? pieces(
              '{0} → {1}, {2} with {3}',
              shown(before),
              shown(now),
              <b>{nats(signed(now - before))}</b>,
              ablationsText(inForce),
            )
          : contrast
            ? shown(before)
            : [shown(before), t(', '), ...nats(signed(before, 3))]}
    </p>
  );
}
