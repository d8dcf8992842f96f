/** What colors, borders and lines of the picture mean. */
import { t } from '../../shared/l10n';

/** A sign of the legend, by what it looks like. */
export type Sign =
  | 'positive'
  | 'negative'
  | 'helps'
  | 'opposes'
  | 'joins'
  | 'off'
  | 'up'
  | 'down'
  | 'attention'
  | 'query';

/** Colors where two texts are compared. */
const COMPARED: Partial<Record<Sign, string>> = {
  positive: t('higher in the other text'),
  negative: t('lower in the other text'),
};

/** The legend of a picture, of one text or of two that are compared. */
export function legendOf(compared: boolean): readonly (readonly [Sign, string])[] {
  return LEGEND.map(([sign, text]) => [sign, (compared ? COMPARED[sign] : undefined) ?? text]);
}

const LEGEND: readonly (readonly [Sign, string])[] = [
  ['positive', t('active, above 0')],
  ['negative', t('active, below 0')],
  ['helps', t('thick border: supports the token')],
  ['opposes', t('dotted border: opposes it')],
  ['joins', t('small: only connects others')],
  ['off', t('ablated')],
  ['up', t('arrow: pushes up')],
  ['down', t('blunt end: pushes down')],
  ['attention', t('through attention')],
  ['query', t('query or key')],
];
