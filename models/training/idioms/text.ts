/** English in quotes: words, sentences and file names, in either kind of quotes. */

import type { Rng } from '../../random';
import { between, common, weighted } from './choose';
import { plural } from './names';
import { adjectives, everyday, nouns, people, readStems, verbs, writeStems } from './words';

/** Words that texts are made of. The tasks speak the same English with words of their own. */
export interface Lexicon {
  nouns: readonly string[];
  adjectives: readonly string[];
  verbs: readonly string[];
  people: readonly string[];
  everyday: readonly string[];
}

const ownLexicon: Lexicon = { nouns, adjectives, verbs, people, everyday };

/** One word for a string value. */
export function word(rng: Rng, words = ownLexicon): string {
  const roll = rng.next();
  if (roll < 0.45) return common(rng, words.nouns);
  if (roll < 0.65) return common(rng, words.adjectives);
  if (roll < 0.9) return common(rng, words.people);
  return rng.pick(words.everyday);
}

const phraseForms = weighted<(rng: Rng, words: Lexicon) => string>(
  [3, (rng, words) => `${common(rng, words.adjectives)} ${common(rng, words.nouns)}`],
  [3, (rng, words) => `the ${common(rng, words.nouns)}`],
  [2, (rng, words) => `the ${common(rng, words.nouns)} is ${common(rng, words.adjectives)}`],
  [
    2,
    (rng, words) =>
      `${common(rng, words.verbs)} the ${common(rng, words.adjectives)} ${common(rng, words.nouns)}`,
  ],
  [2, (rng, words) => `no ${plural(common(rng, words.nouns))} left`],
  [2, (rng, words) => `${common(rng, words.nouns)} ${rng.pick(words.everyday)}`],
  [2, (rng, words) => `${common(rng, words.verbs)} ${plural(common(rng, words.nouns))}`],
  [1, (rng, words) => `${common(rng, words.people)} and ${common(rng, words.people)}`],
  [
    1,
    (rng, words) =>
      `${common(rng, words.people)} has a ${common(rng, words.adjectives)} ${common(rng, words.nouns)}`,
  ],
  [
    1,
    (rng, words) => `all ${plural(common(rng, words.nouns))} are ${common(rng, words.adjectives)}`,
  ],
  [1, (rng, words) => `a ${common(rng, words.nouns)} for the ${common(rng, words.nouns)}`],
  [1, (rng, words) => `please ${common(rng, words.verbs)} a ${common(rng, words.nouns)}`],
  [1, (rng, words) => `hello ${common(rng, words.people)}`],
);

/** One to eight words without punctuation, the first sometimes with a capital. */
export function phrase(rng: Rng, words = ownLexicon): string {
  const text = (rng.chance(0.25) ? word(rng, words) : phraseForms(rng)(rng, words)).replaceAll(
    '_',
    ' ',
  );
  return rng.chance(0.5) ? text[0].toUpperCase() + text.slice(1) : text;
}

/** Text between quotes of the given kind; the caller sees to what is inside. */
const enclose = (quote: string, text: string): string => quote + text + quote;

/** Text as a Python string in single or double quotes, whichever chance and the text allow. */
export function quoted(rng: Rng, text: string): string {
  if (text.includes("'")) return enclose('"', text);
  return enclose(text.includes('"') || rng.chance(0.5) ? "'" : '"', text);
}

const contractions = ["don't", "can't", "won't", "isn't"];

/** A printed sentence: mostly words alone, sometimes with an end mark or the other quote inside. */
export function sentence(rng: Rng): string {
  const roll = rng.next();
  const text = phrase(rng);
  if (roll < 0.72) return quoted(rng, text);
  if (roll < 0.86) return quoted(rng, text + rng.pick(['.', '!', '?', ':', '...']));
  if (roll < 0.93) return enclose('"', `${text} ${rng.pick(contractions)} ${common(rng, verbs)}`);
  return enclose("'", `${text} "${word(rng)}"`);
}

/** A one-word string. */
export function wordString(rng: Rng): string {
  return quoted(rng, word(rng));
}

/** What an f-string inserts after its first words: a piece of text with one `{…}` in it. */
function insertion(rng: Rng, value: string): string {
  const roll = rng.next();
  if (roll < 0.72) return `{${value}}`;
  if (roll < 0.83) return `{${value}} ${plural(common(rng, nouns))}`;
  if (roll < 0.93) return `{${value}} is ${common(rng, adjectives)}`;
  return `{${value}} ${phraseForms(rng)(rng, ownLexicon).replaceAll('_', ' ')}`;
}

/** An f-string that inserts every value given (Python expressions without quotes). */
export function fString(rng: Rng, values: readonly string[]): string {
  const lead = rng.chance(0.88) ? `${phrase(rng)}${rng.pick(['', '', '', ':', ' is', ','])} ` : '';
  const parts = values.map((value) => insertion(rng, value));
  const text = lead + parts.join(rng.pick([' and ', ', ', ' of the ', ' with ', ' ']));
  return 'f' + enclose(rng.chance(0.5) ? "'" : '"', text);
}

const extensions = ['txt', 'txt', 'csv', 'json', 'log', 'dat', 'md'];

/** A quoted file name in which one of the stems tells what the file is for. */
function fileName(rng: Rng, stems: readonly string[]): string {
  const stem = rng.pick(stems);
  const noun = common(rng, nouns);
  const roll = rng.next();
  let name = stem;
  if (roll < 0.25) name = `${stem}_${plural(noun)}`;
  else if (roll < 0.6) name = `${noun}_${stem}`;
  else if (roll < 0.75) name = `${plural(noun)}/${stem}`;
  else if (roll < 0.85) name = `${stem}${between(rng, 1, 20)}`;
  return quoted(rng, `${name}.${rng.pick(extensions)}`);
}

/** Quoted name of a file that a program reads. */
export const readName = (rng: Rng): string => fileName(rng, readStems);

/** Quoted name of a file that a program writes. */
export const writeName = (rng: Rng): string => fileName(rng, writeStems);

/** A comment or the text of a docstring. */
export function remark(rng: Rng): string {
  const text = `${common(rng, verbs)} ${phraseForms(rng)(rng, ownLexicon)}`.replaceAll('_', ' ');
  return text[0].toUpperCase() + text.slice(1);
}
