/** What the columns of a prediction's shares are called, in a bar's table and in exports. */
import { t } from '../shared/l10n';
import type { Prediction } from './protocol';

export function sharesOf({ compared, inForce, logprob }: Prediction): string[] {
  if (!compared) return inForce.ablations > 0 ? [t('before'), t('after')] : [t('share')];
  const both = [t('this text'), t('other text')];
  return logprob.ablated === undefined ? both : [...both, t('this text, ablated')];
}
