/** Looks for the prompt that makes a pair: one token changed, and the model says something else. */
import type { Encoding } from '../../models/tokenizer/tokenizer';
import { likeliest } from '../trace/tokenTrace';

/** What the search asks of the model. */
export interface Predictor {
  /** Log-probabilities (nats) of what follows the token at an index of a text, [vocab]. */
  after(text: string, token: number): Promise<Float32Array>;
  /** Log-probabilities (nats) of what follows a text, [vocab]. */
  end(text: string): Promise<Float32Array>;
  /** Number of tokens of a text. */
  count(text: string): Promise<number>;
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
/** What is put in their place: what the model expected most there, then what is of the same kind. */
const ALTERNATIVES = 4;
/** Texts of a kind, of which one may stand where another does. */
const KINDS: readonly (readonly string[])[] = [
  ['(', '[', '{'],
  [')', ']', '}'],
  ["'", '"'],
  ['0', '1', '2'],
  ['True', 'False', 'None'],
  ['if', 'while', 'for', 'with'],
  ['==', '!=', '<', '>'],
  ['+', '-', '*', '/'],
  ['and', 'or'],
  ['def', 'class'],
];
/** Log-odds (nats) from which the search is content: a circuit keeps a part of the contrast only. */
const CLEAR = 2;
/** Change of the log-odds (nats) between the prompts below which no circuit can keep the contrast. */
const ENOUGH = 1.5;

/**
 * The change of one token, the last one excepted, after which the model says something else most
 * clearly; the nearest ones are tried first, those of the word that is being written after all others,
 * and the first clear one is taken. Blanks stay as they are, and so do all other tokens.
 * @returns null when no such change has that effect, or only a faint one
 */
export async function findCounterpart(
  prompt: string,
  encoding: Encoding,
  { answer, logprobs: told, texts }: Told,
  model: Predictor,
  onProgress: (done: number, total: number) => void,
): Promise<Counterpart | null> {
  let best: Counterpart | null = null;
  const { starts, ends } = encoding;
  const { length } = starts;
  const places = placesToChange(prompt, encoding);
  for (const [i, token] of places.entries()) {
    onProgress(i, places.length);
    const before = prompt.slice(starts[token], ends[token]);
    const expected = likeliest(await model.after(prompt, token - 1), ALTERNATIVES + 1).flatMap(
      (id) => texts[id] ?? [],
    );
    for (const now of [...alternatives(before, expected), '']) {
      const text = prompt.slice(0, starts[token]) + now + prompt.slice(ends[token]);
      // What joins its neighbors to other tokens would change more than one.
      if ((await model.count(text)) !== length - (now === '' ? 1 : 0)) continue;
      const logprobs = await model.end(text);
      const [other] = likeliest(logprobs, 1);
      const said = texts[other];
      if (other === answer || said === null) continue;
      const margin = logprobs[other] - logprobs[answer];
      const enough = margin + told[answer] - told[other] >= ENOUGH;
      if (!enough || margin <= (best?.margin ?? 0)) continue;
      if (!(await areTokens([prompt, text], [texts[answer], said], model))) continue;
      best = { text, other, before, now, margin };
      if (margin >= CLEAR) return best;
    }
  }
  return best;
}

/** Tokens that may be changed, the first to try first. */
function placesToChange(prompt: string, { starts, ends }: Encoding): number[] {
  const last = starts.length - 2;
  const near = Array.from({ length: Math.min(TOKENS, last + 1) }, (_, i) => last - i).filter(
    (token) => prompt.slice(starts[token], ends[token]).trim() !== '',
  );
  const word = prompt.length - (/\w*$/.exec(prompt)?.[0].length ?? 0);
  return [
    ...near.filter((token) => ends[token] <= word),
    ...near.filter((token) => ends[token] > word),
  ];
}

/** What may stand in the place of a text. */
function alternatives(before: string, expected: readonly string[]): string[] {
  const own = before.trim();
  const kind = KINDS.find((all) => all.includes(own)) ?? [];
  const kin = kind.map((text) => before.replace(own, () => text));
  const likely = expected
    .filter((text) => text !== before && text.trim() !== '' && !text.includes('\n'))
    .slice(0, ALTERNATIVES);
  return [...new Set([...likely, ...kin])].filter((text) => text !== before);
}

/** Whether each of some answers is a token of its own after each of some prompts. */
async function areTokens(
  prompts: readonly string[],
  answers: readonly (string | null)[],
  model: Predictor,
): Promise<boolean> {
  for (const prompt of prompts) {
    const length = await model.count(prompt);
    for (const answer of answers) {
      if (answer === null || (await model.count(prompt + answer)) !== length + 1) return false;
    }
  }
  return true;
}
