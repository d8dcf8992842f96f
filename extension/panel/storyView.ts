/** Why the model expects a token, as the panel shows it. */
import { plain, type Sentence } from '../../models/labels/explain/sentence';
import type { TransformerConfig } from '../../models/transformer/config';
import { template } from '../../shared/l10n';
import type { Story } from '../../webview/protocol';
import { nodeLabel } from '../interventions/describe';
import { aboutText } from '../nodes/meaning';
import { visible } from '../text/visible';

/** The sentences in the editor's language, tokens' texts made fit to be shown. */
export function storyView(sentences: readonly Sentence[], config: TransformerConfig): Story {
  return sentences.map((sentence) =>
    plain(sentence, template).map((piece) => {
      if (typeof piece === 'string') return piece;
      if ('code' in piece) return { code: visible(piece.code) };
      const { node, token, label, about } = piece;
      const known = label ?? (about && aboutText(about));
      return { node, token: token ?? -1, text: nodeLabel(node, config), about: known };
    }),
  );
}
