/** Why the model expects the token: sentences of words, tokens' texts and nodes. */
import * as v from 'valibot';
import { nodeName, text, token } from './values';

const PieceSchema = v.union([
  text,
  v.object({ code: text }),
  /**
   * A node at a token, and what it is about: its label for such an activation, else the token that it
   * raises, or reads, most; null where neither is known.
   */
  v.object({ node: nodeName, token, text, about: v.nullable(text) }),
]);
export type Piece = v.InferOutput<typeof PieceSchema>;

export const StorySchema = v.array(v.array(PieceSchema));
export type Story = v.InferOutput<typeof StorySchema>;
