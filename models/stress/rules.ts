/** Rules in a few lines over concepts that say what the model answers, where it errs too. */
import { CONCEPTS } from '../labels/concepts';
import type { TokenFacts } from '../syntax/facts';

/** What a circuit was understood to do. */
export interface Rule {
  /** The task whose circuit it is of. */
  readonly task: string;
  /** In one sentence. */
  readonly words: string;
  /** The model's answer after a prompt, from its tokens. */
  readonly answer: (tokens: readonly TokenFacts[]) => string;
}

/** A concept by its name, as a predicate. */
function concept(name: string): (token: TokenFacts) => boolean {
  const found = CONCEPTS.find((one) => one.name === name);
  if (!found) throw new Error(`there is no concept '${name}'`);
  return found.holds;
}

/** Tokens within which head 2.2 finds a quote, and heads 2.3 and 3.1 a bracket. */
const QUOTE_REACH = 40;
const BRACKET_REACH = 53;
/** What a binding under another name counts beside one under the own name, in the attention of heads 2.6 and 2.8. */
const OTHER_NAME = 0.02;
/** What the last binding of the own name counts beside an earlier one. */
const LAST = 1.5;

const hasDouble = concept('has a double quote');
const hasSingle = concept('has a single quote');
const opensBracket = concept('opening [');
const twoDeep = concept('two [ deep or more');

const rules: readonly Rule[] = [
  {
    task: 'single_double_quote',
    words: `The last token with a quote among the ${QUOTE_REACH} before gives the kind; without one it is double.`,
    answer: (tokens) => {
      const last = tokens
        .slice(-QUOTE_REACH - 1)
        .findLast((token) => hasDouble(token) || hasSingle(token));
      return last && hasSingle(last) ? "')" : '")';
    },
  },
  {
    task: 'bracket_counting',
    words: `The last opening bracket among the ${BRACKET_REACH} tokens before gives the depth; without one it is one.`,
    answer: (tokens) => {
      const last = tokens.slice(-BRACKET_REACH - 1).findLast(opensBracket);
      return last && (last.word.includes('[[') || (last.next && twoDeep(last.next))) ? ']]' : ']';
    },
  },
  {
    task: 'set_or_string',
    words: `The type of most bindings of the name, the last of them counting ${LAST}, those of other names ${OTHER_NAME}.`,
    answer: (tokens) => {
      const name = tokens.at(-1)!.leaf?.text;
      const bindings = tokens.filter(({ word }) => word === 'set' || word === '""');
      const last = bindings.findLast(({ line }) => line.first === name);
      const weighed = bindings.map((one) => {
        const weight = one === last ? LAST : one.line.first === name ? 1 : OTHER_NAME;
        return one.word === '""' ? weight : -weight;
      });
      return weighed.reduce((sum, one) => sum + one, 0) > 0 ? ' +=' : '.add';
    },
  },
];

/** The rule of a task; null where none was written. */
export function ruleOf(task: string): Rule | null {
  return rules.find((rule) => rule.task === task) ?? null;
}
