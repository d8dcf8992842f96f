/** The logit lens: what the residual stream after each layer would predict, a layer a row. */
import { ablationsText } from '../../shared/ablations';
import { t } from '../../shared/l10n';
import { percent } from '../../shared/format';
import type { Panel } from '../panel';
import type { Lens } from '../protocol';
import { TERMS } from '../terms';
import { Code, Problem, Word } from './text';

export function LensView({ panel }: { panel: Panel }) {
  const { value: lens, waiting, problem } = panel.readings.lens.now;
  const askAgain = () => {
    panel.readings.askView();
  };
  if (problem !== null) return <Problem text={problem} onRetry={askAgain} />;
  if (!lens) return <p class="muted">{t('Loading the residual stream…')}</p>;
  return (
    <div class="lens" aria-busy={waiting}>
      <p class="muted">{explanation(lens)}</p>
      <table class="outcomes" aria-label={t('Prediction after each layer')}>
        <thead>
          <tr>
            <th scope="col">
              <Word of="stream">{t('residual stream after')}</Word>
            </th>
            <th scope="col">{t('likeliest')}</th>
            <th scope="col" class="number" title={TERMS.share}>
              {t('share')}
            </th>
            <th scope="col" class="number" title={TERMS.share}>
              <Code text={lens.target} />
            </th>
            <th scope="col" class="number">
              <Word of="rank">{t('its rank')}</Word>
            </th>
          </tr>
        </thead>
        <tbody>
          {lens.rows.map((row) => (
            <Row key={row.layers} row={row} last={row.layers === lens.rows.length - 1} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ row, last }: { row: Lens['rows'][number]; last: boolean }) {
  const { layers, top, topShare, share, rank } = row;
  const name = layers === 0 ? t('the embedding alone') : t('layer {0}', layers - 1);
  return (
    <tr class={rank === 1 ? 'first' : ''}>
      <th scope="row">
        {name}
        {last && <span class="muted"> {t('(the model’s own prediction)')}</span>}
      </th>
      <td>
        <Code text={top} />
      </td>
      <td class="number">{percent(topShare)}</td>
      <td class="number">{percent(share)}</td>
      <td class="number">{rank}</td>
    </tr>
  );
}

/** What the lens is, and what it is not. */
function explanation({ bigram, inForce }: Lens): string {
  const what = bigram
    ? t(
        'The logit lens: the model’s final norm, unembedding and bigram table applied to the residual stream after each layer, as if it ended there.',
      )
    : t(
        'The logit lens: the model’s final norm and unembedding applied to the residual stream after each layer, as if it ended there.',
      );
  const warning = t(
    'It is an interpretation, not a step of the model: later layers read other directions of the stream, so a token it does not show may be represented there already.',
  );
  const on = t('With {0}.', ablationsText(inForce));
  return [what, warning, ...(inForce.ablations === 0 ? [] : [on])].join(' ');
}
