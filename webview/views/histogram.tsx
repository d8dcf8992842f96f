/** How often a node is how active in the file; what is not active at all is counted in words. */
import { t } from '../../shared/l10n';
import { signed } from '../../shared/format';
import type { Card } from '../protocol';
import { binned, BINS } from './bins';

export function Histogram({ card }: { card: Card }) {
  const { values } = card.strip;
  const { counts, low, high } = binned(values);
  const active = counts.reduce((sum, count) => sum + count, 0);
  if (active === 0) return null;
  const most = Math.max(...counts);
  const zero = (BINS * -low) / (high - low);
  return (
    <section>
      <h3>
        {t('How active in this file')}
        <span class="muted">
          {' '}
          {t('{0} of {1} tokens; {2} to {3}', active, values.length, signed(low), signed(high))}
        </span>
      </h3>
      <svg
        class="histogram"
        viewBox={`0 0 ${BINS} 10`}
        preserveAspectRatio="none"
        role="img"
        aria-label={t('Histogram of activations from {0} to {1}', signed(low), signed(high))}
      >
        {counts.map((count, i) => {
          const height = count === 0 ? 0 : Math.max(0.4, (10 * count) / most);
          return (
            <rect
              key={i}
              class={i + 0.5 < zero ? 'negative' : 'positive'}
              {...{ x: i + 0.06, y: 10 - height, width: 0.88, height }}
            />
          );
        })}
      </svg>
    </section>
  );
}
