/** Why the model expects a token, as the panel shows it. */
import { plain, type NodeMention, type Sentence } from '../../models/labels/explain/sentence';
import type { TransformerConfig } from '../../models/transformer/config';
import { template } from '../../shared/l10n';
import type { Story } from '../../webview/protocol';
import { nodeLabel } from '../interventions/describe';
import { visible } from '../text/visible';

/** What an unlabelled node is about; undefined where nothing is known. */
export type AboutMention = (mention: NodeMention) => string | undefined;

/** Nodes of sentences that have no accepted label. */
export function unlabelled(sentences: readonly Sentence[]): NodeMention[] {
  return sentences.flatMap((sentence) =>
    plain(sentence).filter(
      (piece): piece is NodeMention =>
        typeof piece !== 'string' && 'node' in piece && piece.label === null,
    ),
  );
}

/** The sentences in the editor's language, tokens' texts made fit to be shown. */
export function storyView(
  sentences: readonly Sentence[],
  config: TransformerConfig,
  about: AboutMention,
): Story {
  return sentences.map((sentence) =>
    plain(sentence, template).map((piece) => {
      if (typeof piece === 'string') return piece;
      if ('code' in piece) return { code: visible(piece.code) };
      const { node, token, label } = piece;
      const known = label ?? about(piece) ?? null;
      return { node, token: token ?? -1, text: nodeLabel(node, config), about: known };
    }),
  );
}
