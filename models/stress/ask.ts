/** What a model answers after prompts, and what a node is at their last token. */
import type { Model } from '../inference/model';
import { promptsOf } from '../tasks/prompts';
import type { Tokenizer } from '../tokenizer/tokenizer';
import { siteWidth, type TransformerConfig } from '../transformer/config';
import { LOGPROBS } from '../transformer/graphs';
import { parseNode, siteName } from '../transformer/nodes';

/** A model that can be asked. */
export interface Asked {
  readonly model: Pick<Model, 'run'>;
  readonly config: TransformerConfig;
  readonly tokenizer: Tokenizer;
}

/** A prompt, the token that rightly follows it, and the one that else might. */
export interface Question {
  readonly prompt: string;
  readonly right: string;
  readonly wrong: string;
}

/** What the model made of a question. */
export interface Reply extends Question {
  /** Log-odds of the right answer against the wrong one, nats. */
  readonly margin: number;
  /** Of the node at the last token. */
  readonly activation: number;
}

/** Prompts that run together. */
const BATCH = 20;

/**
 * Asks a model.
 * @param where what errors call the questions
 * @throws one line when an answer is not one token of the model's, or a prompt does not fit
 */
export async function ask(
  { model, config, tokenizer }: Asked,
  questions: readonly Question[],
  node: string,
  where: string,
): Promise<Reply[]> {
  const { layer, site, index } = parseNode(node, config);
  const name = siteName(layer, site);
  const width = siteWidth(config, site);
  const sides = questions.map(({ prompt, right, wrong }) => ({
    a: { prompt, answer: right },
    b: { prompt, answer: wrong },
  }));
  const all = promptsOf(sides, { tokenizer, context: config.context, where: () => where });
  // Both sides of a pair are the same prompt.
  const own = all.filter((_, i) => i % 2 === 0);
  const replies: Reply[] = [];
  for (let from = 0; from < own.length; from += BATCH) {
    const part = own.slice(from, from + BATCH);
    const length = Math.max(...part.map(({ tokens }) => tokens.length));
    const tokens = new Int32Array(part.length * length);
    // Padded at the end, where no earlier position sees it.
    part.forEach((prompt, row) => {
      tokens.set(prompt.tokens, row * length);
    });
    const lasts = [...new Set(part.map((prompt) => prompt.tokens.length - 1))];
    const batch = { batch: part.length, tokens, read: Int32Array.from(lasts), edits: new Map() };
    const outputs = await model.run({ ...batch, outputs: [LOGPROBS, name] });
    const logprobs = outputs.get(LOGPROBS)!;
    const activations = outputs.get(name)!;
    part.forEach(({ tokens: ids, first, second }, row) => {
      const last = ids.length - 1;
      const at = (row * lasts.length + lasts.indexOf(last)) * config.vocab;
      replies.push({
        ...questions[from + row],
        margin: logprobs[at + first] - logprobs[at + second],
        activation: activations[(row * length + last) * width + index],
      });
    });
  }
  return replies;
}

/** The answer that the model gave. */
export const answerOf = ({ right, wrong, margin }: Reply): string => (margin > 0 ? right : wrong);
