/** All families of prompts that `circuitscope stress` knows. */
import type { Writer } from '../tasks/writer';
import type { StressFamily } from './family';

/** Texts of a given number, one for each. */
const times = (count: number, make: (i: number) => string): string[] =>
  Array.from({ length: count }, (_, i) => make(i));

/** A word that may come again: long prompts need more than a writer gives out once. */
const anyNoun = (w: Writer): string => w.rng.pick(w.pool.nouns);

/** Families of closing a string, for each quote that may have opened it. */
function quoteFamilies(kind: 'single' | 'double'): StressFamily[] {
  const [own, other] = kind === 'double' ? ['"', "'"] : ["'", '"'];
  const common = { task: 'single_double_quote', right: `${own})`, wrong: `${other})` } as const;
  return [
    {
      ...common,
      name: `${kind}_quote_far`,
      figure: 'quote_far',
      description: `A printed string in ${kind} quotes has more and more words.`,
      parameter: 'words in the string',
      least: 1,
      most: 70,
      write: (w, value) => `print(${own}${times(value, () => anyNoun(w)).join(' ')}`,
    },
    {
      ...common,
      name: `${kind}_quote_between`,
      figure: 'quote_between',
      description: `Within a printed string in ${kind} quotes words stand in quotes of the other kind.`,
      parameter: 'words in quotes of the other kind',
      least: 0,
      most: 30,
      write: (w, value) => {
        const quoted = times(value, () => `${other}${anyNoun(w)}${other}`);
        return `print(${own}${[anyNoun(w), ...quoted, anyNoun(w)].join(' ')}`;
      },
    },
    {
      ...common,
      name: `${kind}_quote_lines`,
      figure: 'quote_lines',
      description: `Before a printed string in ${kind} quotes stand lines that print strings in the other kind.`,
      parameter: 'lines that print the other kind',
      least: 0,
      most: 20,
      write: (w, value) => {
        const line = () => `print(${other}${anyNoun(w)} ${anyNoun(w)}${other})\n`;
        return `${times(value, line).join('')}print(${own}${anyNoun(w)} ${anyNoun(w)}`;
      },
    },
  ];
}

const brackets = { task: 'bracket_counting' } as const;
const numbers = (w: Writer, count: number): string => times(count, () => w.number()).join(', ');

const bracketFamilies: readonly StressFamily[] = [
  {
    ...brackets,
    name: 'brackets_in_comment',
    figure: 'brackets_in_comment',
    description:
      'Before a flat list of five numbers stands a comment with unmatched opening brackets.',
    parameter: 'opening brackets in the comment',
    least: 0,
    most: 40,
    right: ']',
    wrong: ']]',
    write: (w, value) => {
      const comment = [w.noun(), ...times(value, () => '['), w.noun()].join(' ');
      return `# ${comment}\n${w.names()} = [${numbers(w, 5)}`;
    },
  },
  {
    ...brackets,
    name: 'long_nested_list',
    figure: 'long_list',
    description: 'A list in a list has more and more numbers.',
    parameter: 'numbers in the list',
    least: 1,
    most: 80,
    right: ']]',
    wrong: ']',
    write: (w, value) => `${w.names()} = [[${numbers(w, value)}`,
  },
  {
    ...brackets,
    name: 'long_flat_list',
    figure: 'long_list',
    description: 'A list has more and more numbers.',
    parameter: 'numbers in the list',
    least: 1,
    most: 80,
    right: ']',
    wrong: ']]',
    write: (w, value) => `${w.names()} = [${numbers(w, value)}`,
  },
  {
    ...brackets,
    name: 'nested_lists_before',
    figure: 'nested_lists_before',
    description: 'Before a flat list of five numbers stand lines with nested lists, closed.',
    parameter: 'lines with nested lists',
    least: 0,
    most: 10,
    right: ']',
    wrong: ']]',
    write: (w, value) => {
      const line = () => `${w.names()} = [[${numbers(w, 2)}], [${numbers(w, 2)}]]\n`;
      return `${times(value, line).join('')}${w.names()} = [${numbers(w, 5)}`;
    },
  },
];

/** Families of a variable's type, for a variable that holds a set or a string. */
function typeFamilies(kind: 'set' | 'string'): StressFamily[] {
  const [own, other] = kind === 'set' ? ['set()', '""'] : ['""', 'set()'];
  const [right, wrong] = kind === 'set' ? ['.add', ' +='] : [' +=', '.add'];
  const common = { task: 'set_or_string', right, wrong } as const;
  const loop = (w: Writer, name: string) => `for ${w.letter()} in [${numbers(w, 3)}]:\n    ${name}`;
  return [
    {
      ...common,
      name: `${kind}_far`,
      figure: 'type_far',
      description: `Lines that bind numbers stand between a variable's ${kind} and its use.`,
      parameter: 'lines between',
      least: 0,
      most: 20,
      write: (w, value) => {
        const name = w.noun();
        const between = times(value, () => `${w.adjective()} = ${w.number()}\n`);
        return `${name} = ${own}\n${between.join('')}${loop(w, name)}`;
      },
    },
    {
      ...common,
      name: `${kind}_among_others`,
      figure: 'type_among_others',
      description: `After a variable's ${kind} other variables are bound to the other type.`,
      parameter: 'variables of the other type',
      least: 0,
      most: 20,
      write: (w, value) => {
        const name = w.noun();
        const others = times(value, () => `${w.noun()} = ${other}\n`);
        return `${name} = ${own}\n${others.join('')}${loop(w, name)}`;
      },
    },
    {
      ...common,
      name: `${kind}_among_its_kind`,
      figure: 'type_among_its_kind',
      description: `After a variable's ${kind} other variables are bound to the same type.`,
      parameter: 'variables of the same type',
      least: 0,
      most: 20,
      write: (w, value) => {
        const name = w.noun();
        const others = times(value, () => `${w.noun()} = ${own}\n`);
        return `${name} = ${own}\n${others.join('')}${loop(w, name)}`;
      },
    },
    {
      ...common,
      name: `${kind}_rebound`,
      figure: 'type_rebound',
      description: `A variable is bound to the other type some times, and then to a ${kind}.`,
      parameter: 'bindings to the other type',
      least: 0,
      most: 20,
      write: (w, value) => {
        const name = w.noun();
        const before = times(value, () => `${name} = ${other}\n`);
        return `${before.join('')}${name} = ${own}\n${loop(w, name)}`;
      },
    },
  ];
}

/** The families, in the order in which they are listed. */
export const families: readonly StressFamily[] = [
  ...quoteFamilies('double'),
  ...quoteFamilies('single'),
  ...bracketFamilies,
  ...typeFamilies('set'),
  ...typeFamilies('string'),
];
