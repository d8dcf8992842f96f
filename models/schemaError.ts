/** What is wrong with data that do not fit their schema, in words. */
import * as v from 'valibot';

/** What the schema library calls kinds of values, for people. */
const KINDS: Readonly<Record<string, string>> = {
  ...{ string: 'a string', number: 'a number', boolean: 'true or false', null: 'null' },
  ...{ Object: 'an object', Array: 'a list' },
};
const LONGEST = 60;

/** One issue: where it is, what is there and what should be. */
export function schemaError(issue: v.BaseIssue<unknown>, top = 'top level'): string {
  return `${v.getDotPath(issue) ?? top}: ${inWords(issue)}`;
}

function inWords({ message, expected, received }: v.BaseIssue<unknown>): string {
  // A schema that we gave words has its own.
  if (!/^Invalid (type|key)/.test(message) || expected === null) return message;
  if (expected === 'never') return 'it is not known here';
  if (received === 'undefined') return 'it is missing';
  const wanted = expected.replace(/^\((.*)\)$/, '$1').split(' | ');
  return `it is ${valueText(received)}, and should be ${wanted.map(valueText).join(' or ')}`;
}

function valueText(text: string): string {
  const one = KINDS[text] ?? text.replaceAll('"', "'");
  return one.length > LONGEST ? `${one.slice(0, LONGEST)}…` : one;
}
