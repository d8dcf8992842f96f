/** Where prompt pairs come from: one of the twenty tasks, or a file of a person's own pairs. */
import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import * as v from 'valibot';
import { decodeUnicode } from '../encodings';
import { parseJson, readInput } from '../input';
import { Rng } from '../random';
import { oneLine } from '../oneLine';
import { schemaError } from '../schemaError';
import { withLineFeeds } from '../tokenizer/lineEnds';
import { findTask, type TaskPair, type TaskPart } from './index';

/** What a circuit file remembers of its pairs. */
export type PairsIdentity =
  | { readonly task: string }
  /** Name of the file and SHA-256 of its bytes. */
  | { readonly file: string; readonly sha256: string };

/** Which pairs: of a part, or of a file all in its order. Of a task, all are those of the proof. */
export type PairPart = TaskPart | 'all';

/** A pair and what an error calls it. */
export interface SourcedPair {
  readonly pair: TaskPair;
  readonly where: string;
}

/** Pairs, in three parts. */
export interface PairSource {
  readonly name: string;
  readonly identity: PairsIdentity;
  /** What decides the answer, in words; null where nobody said. */
  readonly description: string | null;
  /** At most `count` pairs of a part; a file gives those that it has, divided by the seed. */
  pairs(seed: number, count: number, part: PairPart): SourcedPair[];
}

const side = v.strictObject({
  prompt: v.pipe(v.string(), v.nonEmpty('is empty; write some text'), v.transform(withLineFeeds)),
  answer: v.pipe(v.string(), v.nonEmpty('is empty; write one token'), v.transform(withLineFeeds)),
});
const PairSchema = v.strictObject({ a: side, b: side });

/**
 * How to ask for pairs: a task's name, the path of a file, or the text of one with its name and with
 * what errors call it.
 */
export type PairsRequest =
  | { readonly task: string }
  | { readonly file: string }
  | { readonly name: string; readonly text: string; readonly where: string };

/** Pairs of prompts at most, of a task or a file: each is held in memory while it is judged. */
export const MOST_PAIRS = 100_000;

/**
 * The source that a request means; throws one line when there is none.
 * @param check called before every pair that is read or made; throws to stop
 */
export function sourceOf(request: PairsRequest, check?: () => void): PairSource {
  if ('task' in request) return taskSource(request.task, check);
  if ('file' in request) return readPairs(request.file, check);
  return pairsSource(request.name, Buffer.from(request.text), request.where, check);
}

/** Pairs as the text of a file of pairs. */
export function pairsText(pairs: readonly TaskPair[]): string {
  return pairs.map((pair) => `${JSON.stringify(pair)}\n`).join('');
}

/** A task by its name. */
function taskSource(name: string, check?: () => void): PairSource {
  const task = findTask(name);
  return {
    name,
    identity: { task: name },
    description: task.description,
    pairs: (seed, count, part) =>
      task
        .pairs(seed, count, part === 'all' ? 'proof' : part, check)
        .map((pair, i) => ({ pair, where: `task ${name}, pair ${i + 1}` })),
  };
}

/**
 * Pairs of a file of JSON lines, `{"a": {"prompt", "answer"}, "b": {"prompt", "answer"}}`.
 * @throws one line that names file, line and what is wrong
 */
export function readPairs(file: string, check?: () => void): PairSource {
  return pairsSource(basename(file), readInput(file), file, check);
}

function pairsSource(
  name: string,
  bytes: Uint8Array,
  file: string,
  check?: () => void,
): PairSource {
  const all: SourcedPair[] = [];
  decodeUnicode(bytes, file)
    .split(/\r\n|\n|\r/)
    .forEach((text, i) => {
      const where = `${file}:${i + 1}`;
      if (text.trim() === '') return;
      check?.();
      if (all.length === MOST_PAIRS) {
        throw new Error(`${file} has more than ${MOST_PAIRS} pairs; divide it`);
      }
      all.push({ pair: parsePair(text, where), where });
    });
  if (all.length === 0) throw new Error(`${file} has no pairs; write one pair a line`);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return {
    name,
    identity: { file: name, sha256 },
    description: null,
    pairs: (seed, count, part) =>
      (part === 'all' ? all : divide(all, new Rng('pairs', sha256, seed))[part]).slice(0, count),
  };
}

/** With fewer pairs than this to find a circuit by, all of them serve for masks and selection. */
export const LEAST_DIVIDED = 64;

/** Whether masks are trained and nodes chosen on the same pairs, because a file has too few. */
export function isUndivided(source: PairSource, seed: number): boolean {
  if (!('file' in source.identity)) return false;
  const [masks, selection] = (['masks', 'selection'] as const).map((part) =>
    source.pairs(seed, 1, part),
  );
  return masks[0].where === selection[0].where;
}

/**
 * Pairs of a file by part, in random order: half for the proof, of the others three in four for masks
 * and the rest for the selection. Pairs that stand twice count once, so that no part knows another's.
 * A single pair serves for all.
 */
function divide(all: readonly SourcedPair[], rng: Rng): Record<TaskPart, SourcedPair[]> {
  const different = new Map(all.map((one) => [JSON.stringify(one.pair), one]));
  const pairs = rng.shuffle([...different.values()]);
  if (pairs.length === 1) return { masks: pairs, selection: pairs, proof: pairs };
  const search = pairs.slice(0, Math.ceil(pairs.length / 2));
  const proof = pairs.slice(search.length);
  if (search.length < LEAST_DIVIDED) return { masks: search, selection: search, proof };
  const masks = search.slice(0, Math.round(0.75 * search.length));
  return { masks, selection: search.slice(masks.length), proof };
}

function parsePair(text: string, where: string): TaskPair {
  const value = parseJson(text, where, 'write {"a": {"prompt": …, "answer": …}, "b": …}');
  const result = v.safeParse(PairSchema, value);
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw new Error(oneLine(`${where}: ${schemaError(issue, 'the line')}`));
}
