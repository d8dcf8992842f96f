/** How often a rule says what the model says, beside how often the right answer is what it says. */
import { tokenFacts } from '../syntax/facts';
import type { PythonParser } from '../syntax/parser';
import { findTask } from '../tasks';
import type { Tokenizer } from '../tokenizer/tokenizer';
import { answerOf, ask, type Asked, type Reply } from './ask';
import { ruleOf, type Rule } from './rules';

/** Shares of prompts. */
export interface Agreement {
  readonly prompts: number;
  /** The model's answer is what the rule says. */
  readonly rule: number;
  /** The model's answer is the right one: what the task's true rule says. */
  readonly truth: number;
  /** Of the prompts that the model answered wrongly, those whose wrong answer the rule says; null without any. */
  readonly errors: number | null;
}

/** Sets a rule beside the replies of a model. */
export function agreement(
  rule: Rule,
  replies: readonly Reply[],
  tokenizer: Tokenizer,
  parser: PythonParser,
): Agreement {
  const said = replies.map(({ prompt }) => {
    const { starts, ends } = tokenizer.encode(prompt);
    const tokens = parser.parse(prompt, (tree) => tokenFacts(tree, prompt, { starts, ends }));
    return rule.answer(tokens);
  });
  const held = replies.map((reply, i) => answerOf(reply) === said[i]);
  const right = replies.map(({ margin }) => margin > 0);
  const share = (flags: readonly boolean[]) => flags.filter(Boolean).length / flags.length;
  const errors = held.filter((_, i) => !right[i]);
  return {
    prompts: replies.length,
    rule: share(held),
    truth: share(right),
    errors: errors.length > 0 ? share(errors) : null,
  };
}

/** A rule on the ordinary prompts of its task, of the part on which no circuit was chosen. */
export interface OrdinaryResult extends Agreement {
  readonly task: string;
  readonly words: string;
}

/** Sets the rule of a task beside the model on the task's own pairs; null for a task without a rule. */
export async function ordinary(
  task: string,
  asked: Asked,
  parser: PythonParser,
  { pairs, seed, node }: { readonly pairs: number; readonly seed: number; readonly node: string },
): Promise<OrdinaryResult | null> {
  const rule = ruleOf(task);
  if (!rule) return null;
  const questions = findTask(task)
    .pairs(seed, pairs, 'proof')
    .flatMap(({ a, b }) => [
      { prompt: a.prompt, right: a.answer, wrong: b.answer },
      { prompt: b.prompt, right: b.answer, wrong: a.answer },
    ]);
  const replies = await ask(asked, questions, node, `task ${task}`);
  return { task, words: rule.words, ...agreement(rule, replies, asked.tokenizer, parser) };
}
