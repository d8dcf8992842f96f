/** How good a label is, in one line. */
import { t } from '../../shared/l10n';
import type { LabelFacts } from '../../models/runtime/facts';
import { shareText, signedText, sizeText } from '../../models/labels/explain/sentence';

/** Its scores on text that did not choose it, and what ablation says of it. */
export function labelScores({ label, causal }: Pick<LabelFacts, 'label' | 'causal'>): string {
  const two = (value: number) => value.toFixed(2);
  const { auroc, f1, precision, recall, strongest, tokenOnly, correlation } = label;
  const { causal: rise } = label;
  const control =
    correlation > tokenOnly
      ? t('correlation {0}, {1} from the token alone', two(correlation), two(tokenOnly))
      : t('correlation {0}, no better than the token alone', two(correlation));
  const score = t(
    'AUROC {0}, F1 {1} (precision {2}, recall {3})',
    ...[auroc, f1, precision, recall].map(two),
  );
  const places = t('true at {0} of its strongest activations', shareText(strongest));
  const known = [score, control, places].join(t(', '));
  if (rise === null) return t('{0}; not tested by ablation', known);
  const nats = [
    ...[rise.prediction.where, rise.prediction.elsewhere].map(sizeText),
    ...[rise.loss.where, rise.loss.elsewhere].map(signedText),
  ];
  return causal
    ? t(
        '{0}; ablation changes predictions by {1} nats where it holds and {2} elsewhere, the loss by {3} and {4}',
        known,
        ...nats,
      )
    : t(
        '{0}; ablation changes predictions by {1} nats where it holds and {2} elsewhere, the loss by {3} and {4}: not confirmed',
        known,
        ...nats,
      );
}
