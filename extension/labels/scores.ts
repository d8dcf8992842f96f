/** How good a label is, in one line. */
import type { LabelFacts } from '../../models/runtime/facts';
import { signedText } from '../../models/labels/explain/sentence';

/** Its scores on text that did not choose it, and what ablation says of it. */
export function labelScores({ label, causal }: Pick<LabelFacts, 'label' | 'causal'>): string {
  const two = (value: number) => value.toFixed(2);
  const { auroc, f1, precision, recall, tokenOnly, correlation, causal: rise } = label;
  const control =
    correlation > tokenOnly
      ? `correlation ${two(correlation)}, ${two(tokenOnly)} by the token alone`
      : `correlation ${two(correlation)}, the token alone tells it`;
  const ablated =
    rise === null
      ? 'not tested by ablation'
      : `ablated, the loss changes by ${signedText(rise.where)} nats where it holds, ${signedText(rise.elsewhere)} elsewhere${causal ? '' : ': not confirmed'}`;
  return `AUROC ${two(auroc)}, F1 ${two(f1)} (precision ${two(precision)}, recall ${two(recall)}), ${control}; ${ablated}`;
}
