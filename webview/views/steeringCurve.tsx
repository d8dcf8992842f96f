/** Share of the wanted token against the strength of steering, with the controls at its end. */
import { percent } from '../../shared/format';
import { t } from '../../shared/l10n';
import type { Steering, SteeringControls } from '../protocol';

const WIDTH = 240;
const HEIGHT = 120;
const LEFT = 34;
const BOTTOM = 16;
const RIGHT = 8;
const TOP = 6;

const x = (strength: number) => LEFT + strength * (WIDTH - LEFT - RIGHT);
const y = (share: number) => TOP + (1 - share) * (HEIGHT - TOP - BOTTOM);

interface Props {
  readonly steering: Steering;
  readonly controls: SteeringControls | null;
  /** Index of the strength that is looked at. */
  readonly at: number;
}

export function SteeringCurve({ steering, controls, at }: Props) {
  const { strengths, tokens } = steering;
  const wanted = tokens.find((token) => token.wanted);
  if (!wanted) return null;
  const { shares, text, other } = wanted;
  const points = strengths.map((strength, i) => `${x(strength)},${y(shares[i])}`).join(' ');
  const name = t(
    'Probability of {0}: {1} without steering, {2} at full strength',
    text,
    percent(shares[0]),
    percent(shares.at(-1) ?? 0),
  );
  const against = [
    ...(controls?.random.slice(0, 1) ?? []).map(({ share }) => ['random', share] as const),
    ...(controls?.channels.slice(0, 1) ?? []).map(({ share }) => ['channel', share] as const),
  ];
  return (
    <svg
      class="steering-curve"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      width={WIDTH}
      role="img"
      aria-label={name}
    >
      {[0, 0.5, 1].map((share) => (
        <g key={share}>
          <line class="grid" x1={x(0)} x2={x(1)} y1={y(share)} y2={y(share)} />
          <text x={LEFT - 4} y={y(share) + 3} text-anchor="end">
            {`${100 * share} %`}
          </text>
        </g>
      ))}
      <line class="other" x1={x(0)} x2={x(1)} y1={y(other)} y2={y(other)}>
        <title>{t('In the other text: {0}', percent(other))}</title>
      </line>
      <polyline points={points} />
      <circle class="at" cx={x(strengths[at])} cy={y(shares[at])} r="4" />
      {against.map(([kind, share]) => (
        <circle key={kind} class={kind} cx={x(1)} cy={y(share)} r="3">
          <title>
            {kind === 'random'
              ? t('Best random node: {0}', percent(share))
              : t('Best channel of the dense model: {0}', percent(share))}
          </title>
        </circle>
      ))}
      {[0, 0.5, 1].map((strength) => (
        <text key={strength} x={x(strength)} y={HEIGHT - 3} text-anchor="middle">
          {strength}
        </text>
      ))}
    </svg>
  );
}
