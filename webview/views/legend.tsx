/** The legend of the picture, out of the way until it is opened. */
import { t } from '../../shared/l10n';
import { legendOf } from '../graph/legend';

export function Legend({ compared }: { compared: boolean }) {
  return (
    <details class="legend">
      <summary>{t('Legend')}</summary>
      <div>
        {legendOf(compared).map(([sign, text]) => (
          <span key={sign}>
            <i class={`sign ${sign}`} />
            {text}
          </span>
        ))}
      </div>
    </details>
  );
}
