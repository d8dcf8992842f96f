/** Names, values and surrounding lines of one prompt pair; no name is given twice. */

import type { Rng } from '../random';
import { numeral } from '../training/idioms/literals';
import { camel, plural } from '../training/idioms/names';
import { phrase, word } from '../training/idioms/text';
import { fileUses, type Pool } from './words';

/** Proposals until the words are said to be used up. */
const ATTEMPTS = 10_000;

/** Hands out the words of a pool for one pair of prompts. */
export class Writer {
  private readonly used = new Set<string>();

  constructor(
    readonly rng: Rng,
    readonly pool: Pool,
  ) {}

  /** The first proposal that has not been used in this pair. */
  private unique(propose: () => string): string {
    for (let tries = 0; tries < ATTEMPTS; tries++) {
      const name = propose();
      if (!this.used.has(name)) {
        this.used.add(name);
        return name;
      }
    }
    throw new Error(`a prompt asks for more names than there are: ${this.used.size} are in use`);
  }

  noun(): string {
    return this.unique(() => this.rng.pick(this.pool.nouns));
  }

  adjective(): string {
    return this.unique(() => this.rng.pick(this.pool.adjectives));
  }

  /** A variable: a noun as a rule, sometimes a letter or two words. */
  name(): string {
    const roll = this.rng.next();
    if (roll < 0.7) return this.noun();
    if (roll < 0.85) return this.letter();
    return this.unique(
      () => `${this.rng.pick(this.pool.adjectives)}_${this.rng.pick(this.pool.nouns)}`,
    );
  }

  /** A variable for many things. */
  names(): string {
    return this.unique(() => plural(this.rng.pick(this.pool.nouns)));
  }

  /** A name that is one token after a blank. */
  attribute(): string {
    return this.unique(() => this.rng.pick(this.pool.attributes));
  }

  /** One of more such names, for tasks that copy it. */
  copied(): string {
    return this.unique(() => this.rng.pick(this.pool.copied));
  }

  /** A letter, or a noun where all letters are taken. */
  letter(): string {
    if (this.pool.letters.every((letter) => this.used.has(letter))) return this.noun();
    return this.unique(() => this.rng.pick(this.pool.letters));
  }

  handle(): string {
    return this.unique(() => this.rng.pick(this.pool.handles));
  }

  functionName(): string {
    return this.unique(() => {
      const verb = this.rng.pick(this.pool.verbs);
      return this.rng.chance(0.3) ? verb : `${verb}_${this.rng.pick(this.pool.nouns)}`;
    });
  }

  className(): string {
    return camel(this.unique(() => this.rng.pick(this.pool.nouns)));
  }

  number(): string {
    return numeral(this.rng);
  }

  /** Numbers with commas between them. */
  numbers(low: number, high: number): string {
    return this.many(low, high, () => this.number()).join(', ');
  }

  /** Between `low` and `high` results of a generator. */
  many<T>(low: number, high: number, make: () => T): T[] {
    return Array.from({ length: low + this.rng.int(high - low + 1) }, make);
  }

  quote(): string {
    return this.rng.chance(0.5) ? '"' : "'";
  }

  /** Several words in the manner of the idioms' printed texts, without quotes or punctuation. */
  phrase(): string {
    return phrase(this.rng, this.pool);
  }

  /** A short text in quotes. */
  string(): string {
    const quote = this.quote();
    return quote + word(this.rng, this.pool).replaceAll('_', ' ') + quote;
  }

  /** `lantern > 3`. */
  comparison(name: string): string {
    return `${name} ${this.rng.pick(['>', '<', '==', '!='])} ${this.number()}`;
  }

  /** Quoted names of a file to read and one to write, which differ in one part only. */
  fileNames(): { read: string; write: string } {
    const { rng } = this;
    const [noun, quote] = [this.noun(), this.quote()];
    const extension = rng.pick(['txt', 'csv', 'json', 'dat']);
    const form = rng.pick([
      (stem: string) => `${noun}_${stem}`,
      (stem: string) => `${stem}_${plural(noun)}`,
      (stem: string) => `${plural(noun)}/${stem}`,
    ]);
    const whole = (stem: string): string => `${quote}${form(stem)}.${extension}${quote}`;
    const [read, write] = rng.pick(fileUses);
    return { read: whole(read), write: whole(write) };
  }

  /** A statement that says nothing about the task; its names occur nowhere else. */
  filler(): string {
    const roll = this.rng.next();
    if (roll < 0.4) return `${this.name()} = ${this.number()}`;
    if (roll < 0.6) return `${this.name()} = ${this.string()}`;
    if (roll < 0.85) return `print(${this.string()})`;
    return `${this.names()} = [${this.numbers(2, 4)}]`;
  }

  /** `low` to `high` statements that say nothing about the task, each with its line end. */
  fillers(low: number, high: number, indent = ''): string {
    return this.many(low, high, () => `${indent}${this.filler()}\n`).join('');
  }
}
