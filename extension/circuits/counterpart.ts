/** Looks for the prompt that makes a pair: one token changed, and the model says something else. */
import type { Encoding } from '../../models/tokenizer/tokenizer';
import { likeliest } from '../trace/tokenTrace';

/** What the search asks of the model. */
export interface Predictor {
  /** Log-probabilities (nats) of what follows the token at an index of a text, [vocab]. */
  after(text: string, token: number): Promise<Float32Array>;
  /** Log-probabilities (nats) of what follows a text, [vocab]. */
  end(text: string): Promise<Float32Array>;
}

/** The prompt as it is. */
interface Told {
  /** Token that the model says, and log-probabilities (nats) of all that may follow, [vocab]. */
  readonly answer: number;
  readonly logprobs: Float32Array;
  /** Every token as it stands in a file; null for a part of a character. */
  readonly texts: readonly (string | null)[];
}

/** A prompt after which the model says something else. */
interface Counterpart {
  readonly text: string;
  /** Token that it says then. */
  readonly other: number;
  /** The token that stood there, and the one that stands there now; empty when it was removed. */
  readonly before: string;
  readonly now: string;
  /** Log-odds (nats) of the other answer against the first. */
  readonly margin: number;
}

/** Tokens before the last that are changed, nearest first. */
const TOKENS = 48;
/** What is put in their place: what the model expected most there. */
const ALTERNATIVES = 4;
/** Log-odds (nats) from which the search is content: a circuit keeps a part of the contrast only. */
const CLEAR = 2;
/** Change of the log-odds (nats) between the prompts below which no circuit can keep the contrast. */
const ENOUGH = 1.5;

/**
 * The change of one token, the last one excepted, after which the model says something else most
 * clearly; nearby ones are tried first, and the first clear one is taken. Blanks stay as they are.
 * @returns null when no such change has that effect, or only a faint one
 */
export async function findCounterpart(
  prompt: string,
  { starts, ends }: Encoding,
  { answer, logprobs: told, texts }: Told,
  model: Predictor,
  onProgress: (done: number, total: number) => void,
): Promise<Counterpart | null> {
  let best: Counterpart | null = null;
  const last = starts.length - 2;
  const first = Math.max(0, last - TOKENS + 1);
  for (let token = last; token >= first; token--) {
    onProgress(last - token, last - first + 1);
    const before = prompt.slice(starts[token], ends[token]);
    if (before.trim() === '') continue;
    const expected = likeliest(await model.after(prompt, token - 1), ALTERNATIVES + 1)
      .flatMap((id) => texts[id] ?? [])
      .filter((text) => text !== before && text.trim() !== '' && !text.includes('\n'))
      .slice(0, ALTERNATIVES);
    for (const now of [...expected, '']) {
      const text = prompt.slice(0, starts[token]) + now + prompt.slice(ends[token]);
      const logprobs = await model.end(text);
      const [other] = likeliest(logprobs, 1);
      if (other === answer || texts[other] === null) continue;
      const margin = logprobs[other] - logprobs[answer];
      const enough = margin + told[answer] - told[other] >= ENOUGH;
      if (enough && margin > (best?.margin ?? 0)) best = { text, other, before, now, margin };
      if (enough && margin >= CLEAR) return best;
    }
  }
  return best;
}
