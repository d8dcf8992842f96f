/** How often a node is how active; what is not active at all is counted in words. */
import { t, whole } from '../../shared/l10n';
import { signed } from '../../shared/format';
import type { Activity } from '../protocol';
import { binned } from './bins';

/** In the open file. */
export function FileHistogram({ values }: { values: readonly number[] }) {
  const { counts, low, high } = binned(values);
  const active = counts.reduce((sum, count) => sum + count, 0);
  if (active === 0) return null;
  return (
    <Histogram
      title={t('Activations in this file')}
      about={t(
        '{0} of {1} tokens; {2} to {3}',
        whole(active),
        whole(values.length),
        signed(low),
        signed(high),
      )}
      name={t('Histogram of activations from {0} to {1}', signed(low), signed(high))}
      {...{ counts, low, high }}
    />
  );
}

/** In held-out Python. */
export function HeldOutHistogram({ activity }: { activity: Activity | null }) {
  if (activity === null) return null;
  const { tokens, positive, negative, bins, low, high } = activity;
  const [from, to] = [signed(low), signed(high)];
  return (
    <Histogram
      title={t('Activations in held-out Python')}
      about={t(
        '{0} of {1} tokens; {2} to {3}',
        whole(positive + negative),
        whole(tokens),
        from,
        to,
      )}
      name={t('Histogram of activations in held-out Python from {0} to {1}', from, to)}
      {...{ counts: bins, low, high }}
    />
  );
}

interface HistogramProps {
  readonly title: string;
  /** In words what it shows. */
  readonly about: string;
  /** For those who do not see it. */
  readonly name: string;
  /** From the smallest to the largest activation; no bars when there are none. */
  readonly counts: readonly number[];
  readonly low: number;
  readonly high: number;
}

function Histogram({ title, about, name, counts, low, high }: HistogramProps) {
  const most = Math.max(...counts);
  const zero = (counts.length * -low) / (high - low);
  return (
    <section>
      <h3>
        {title}
        <span class="muted"> {about}</span>
      </h3>
      {most > 0 && (
        <svg
          class="histogram"
          viewBox={`0 0 ${counts.length} 10`}
          preserveAspectRatio="none"
          role="img"
          aria-label={name}
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
      )}
    </section>
  );
}
