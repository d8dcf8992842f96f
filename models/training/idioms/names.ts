/** Python names of every kind, built from the word lists. */

import type { Rng } from '../../random';
import { common } from './choose';
import { adjectives, everyday, nouns, shortNames, verbs } from './words';

const split = (text: string): string[] => text.split(' ');

/** What stands for a collection in general, and for a truth value. */
const COLLECTIONS = split('items values data words numbers rows results xs nums');
const PARTS_OF_COLLECTIONS = split('list data set group names');
/** What programs import. */
const MODULES = split('random math os sys time json date');
const FLAGS = split('done found ok flag running');

/** Every name of one word that a program may have. */
export function listedNames(): ReadonlySet<string> {
  const things = [...nouns, ...everyday];
  return new Set([
    ...[...things, ...things.map(plural), ...adjectives, ...verbs, ...shortNames],
    ...[...COLLECTIONS, ...FLAGS, ...MODULES],
  ]);
}

/** English plural of a regular noun. */
export function plural(noun: string): string {
  if (/[^aeou]y$/.test(noun)) return noun.slice(0, -1) + 'ies';
  return /(s|x|ch|sh)$/.test(noun) ? noun + 'es' : noun + 's';
}

/** `red_lamp` -> `RedLamp`. */
export function camel(name: string): string {
  return name.replace(/(^|_)([a-z])/g, (_match, _dash, letter: string) => letter.toUpperCase());
}

/** Name of a single thing: `lamp`, `red_lamp`, `lamp_count`, `x`. */
export function thingName(rng: Rng): string {
  const roll = rng.next();
  if (roll < 0.44) return common(rng, nouns);
  if (roll < 0.72) return rng.pick(everyday);
  if (roll < 0.84) return rng.pick(shortNames);
  if (roll < 0.9) return `${common(rng, adjectives)}_${common(rng, nouns)}`;
  if (roll < 0.96) return `${common(rng, nouns)}_${rng.pick(everyday)}`;
  return common(rng, adjectives);
}

/** Name of a collection: `lamps`, `red_lamps`, `lamp_list`, `items`. */
export function collectionName(rng: Rng): string {
  const roll = rng.next();
  if (roll < 0.5) return plural(common(rng, nouns));
  if (roll < 0.65) return plural(rng.pick(everyday));
  if (roll < 0.8) return `${common(rng, adjectives)}_${plural(common(rng, nouns))}`;
  if (roll < 0.9) return `${common(rng, nouns)}_${rng.pick(PARTS_OF_COLLECTIONS)}`;
  return rng.pick(COLLECTIONS);
}

/** Name of a truth value: `ready`, `is_ready`, `has_lamp`. */
export function flagName(rng: Rng): string {
  const roll = rng.next();
  if (roll < 0.35) return common(rng, adjectives);
  if (roll < 0.6) return `is_${common(rng, adjectives)}`;
  if (roll < 0.75) return `has_${common(rng, nouns)}`;
  return rng.chance(0.5) ? rng.pick(FLAGS) : thingName(rng);
}

/** Name of an attribute or parameter, nearly always one word. */
export function attributeName(rng: Rng): string {
  const roll = rng.next();
  if (roll < 0.55) return rng.pick(everyday);
  if (roll < 0.9) return common(rng, nouns);
  return thingName(rng);
}

/** Name of a function or method: `count`, `count_lamps`, `count_red_lamps`. */
export function functionName(rng: Rng): string {
  const verb = common(rng, verbs);
  const roll = rng.next();
  if (roll < 0.2) return verb;
  if (roll < 0.55) return `${verb}_${common(rng, nouns)}`;
  if (roll < 0.8)
    return `${verb}_${rng.chance(0.5) ? plural(common(rng, nouns)) : rng.pick(everyday)}`;
  if (roll < 0.9) return `${verb}_${common(rng, adjectives)}_${common(rng, nouns)}`;
  return `is_${common(rng, adjectives)}`;
}

/** Name of a class: `Lamp`, `RedLamp`, `LampOwner`. */
export function className(rng: Rng): string {
  const noun = common(rng, nouns);
  const roll = rng.next();
  if (roll < 0.6) return camel(noun);
  return camel(roll < 0.8 ? `${common(rng, adjectives)}_${noun}` : `${noun}_${common(rng, nouns)}`);
}
