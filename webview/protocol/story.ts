/** Why the model expects the token: sentences of words, tokens' texts and nodes. */
import * as v from 'valibot';
import { nodeName, text, token } from './values';

const PieceSchema = v.union([
  text,
  v.object({ code: text }),
  /** A node at a token; its label says what such an activation tells, null where none was accepted. */
  v.object({ node: nodeName, token, text, label: v.nullable(text) }),
]);
export type Piece = v.InferOutput<typeof PieceSchema>;

export const StorySchema = v.array(v.array(PieceSchema));
export type Story = v.InferOutput<typeof StorySchema>;
