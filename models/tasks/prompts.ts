/** Prompt pairs as tokens, checked: what a task asks of a model. */
import type { Tokenizer } from '../tokenizer/tokenizer';
import type { TaskPair } from './task';

/** One side of a pair as tokens. */
export interface Prompt {
  /** End-of-text, then the prompt's tokens, [pos]. */
  readonly tokens: Int32Array;
  /** Answers of the pair's sides a and b, the same for both of its prompts. */
  readonly first: number;
  readonly second: number;
  /** 1 where the first answer is right, -1 where the second is. */
  readonly sign: 1 | -1;
}

/** What tokenising pairs needs. */
export interface PromptOptions {
  readonly tokenizer: Tokenizer;
  /** Tokens in a window of the model. */
  readonly context: number;
  /** What an error calls pair `i`; `pair 3` by default. */
  readonly where?: (pair: number) => string;
  /** Called before every pair; throws to stop. */
  readonly check?: () => void;
}

/** A pair that does not fit a model; the message says in one line which and why. */
export class PromptError extends Error {}

/** Characters of an answer that an error shows. */
const SHOWN = 60;

/**
 * Prompts of the pairs: side a of pair i is 2i, side b is 2i + 1.
 * @throws PromptError in one line when an answer is not one token of its own, both sides have one answer, or a
 * prompt is longer than the context
 */
export function promptsOf(pairs: readonly TaskPair[], options: PromptOptions): Prompt[] {
  const { tokenizer, context, where = (pair) => `pair ${pair + 1}`, check } = options;
  /** What surely has more tokens than some is not looked at token by token, however much it is. */
  const exceeds = (text: string, tokens: number) =>
    Buffer.byteLength(text) > tokens * tokenizer.longest;
  return pairs.flatMap((pair, i) => {
    check?.();
    const fail = (what: string) => new PromptError(`${where(i)}: ${what}`);
    const answers = [pair.a, pair.b].map(({ answer }) => {
      if (exceeds(answer, SHOWN)) {
        const start = JSON.stringify(answer.slice(0, SHOWN));
        throw fail(`the answer ${start} … has ${answer.length} characters; give one token`);
      }
      const ids = tokenizer.encodeIds(answer);
      if (ids.length === 1) return ids[0];
      const parts = Array.from(ids, (id) => `'${tokenizer.tokenText(id)}'`).join(', ');
      throw fail(
        `the answer ${JSON.stringify(answer)} is ${ids.length} tokens (${parts}); give one token`,
      );
    });
    const [first, second] = answers;
    if (first === second) throw fail('both sides have the same answer; give two that differ');
    return ([pair.a, pair.b] as const).map(({ prompt }, side): Prompt => {
      if (exceeds(prompt, context)) {
        throw fail(
          `a prompt has ${prompt.length} characters, the model reads ${context - 1} tokens; shorten it`,
        );
      }
      const ids = tokenizer.encodeIds(prompt);
      if (ids.length + 1 > context) {
        throw fail(`a prompt has ${ids.length} tokens, the model reads ${context - 1}; shorten it`);
      }
      for (const { answer } of [pair.a, pair.b]) {
        if (startsAs(tokenizer.encodeIds(prompt + answer), ids)) continue;
        throw fail(
          `after its prompt the answer ${JSON.stringify(answer)} is not a token of its own; end the prompt elsewhere`,
        );
      }
      const tokens = Int32Array.of(tokenizer.endOfText, ...ids);
      return { tokens, first, second, sign: side === 0 ? 1 : -1 };
    });
  });
}

/** Whether a text's tokens are those of its prompt and one more. */
function startsAs(whole: Uint16Array, prompt: Uint16Array): boolean {
  return whole.length === prompt.length + 1 && prompt.every((id, i) => whole[i] === id);
}
