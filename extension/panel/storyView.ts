/** Why the model expects a token, as the panel shows it. */
import type { Sentence } from '../../models/labels/explain/sentence';
import type { Story } from '../../webview/protocol';
import { visible } from '../text/visible';

/** The sentences, tokens' texts made fit to be shown. */
export function storyView(sentences: readonly Sentence[]): Story {
  return sentences.map((sentence) =>
    sentence.map((piece) => {
      if (typeof piece === 'string') return piece;
      if ('code' in piece) return { code: visible(piece.code) };
      const { node, token, text, label } = piece;
      return { node, token: token ?? -1, text, label };
    }),
  );
}
