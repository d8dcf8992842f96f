/** What the criteria of a proof are about, in words. */
import type { Group } from '../../models/circuits/file/criteria';
import { t } from '../../shared/l10n';

export const GROUP_NAMES: Readonly<Record<Group, string>> = {
  sufficient: t('sufficient'),
  robust: t('robust'),
  necessary: t('necessary'),
  causal: t('causal'),
  selective: t('selective'),
  real: t('real'),
};
