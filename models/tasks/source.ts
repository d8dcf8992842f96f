/** Where prompt pairs come from: one of the twenty tasks, or a file of a person's own pairs. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import * as v from 'valibot';
import { oneLine } from '../runtime/oneLine';
import { findTask, type TaskPair, type TaskPart } from './index';

/** What a circuit file remembers of its pairs. */
export type PairsIdentity =
  | { readonly task: string }
  /** Name of the file and SHA-256 of its bytes. */
  | { readonly file: string; readonly sha256: string };

/** Which pairs: to prune on, to judge on, or of a file all. Of a task, all are those to judge on. */
export type PairPart = TaskPart | 'all';

/** Pairs, in a part to prune on and one to judge on. */
export interface PairSource {
  readonly name: string;
  readonly identity: PairsIdentity;
  /** At most `count` pairs; a file gives those that it has, whatever the seed. */
  pairs(seed: number, count: number, part: PairPart): TaskPair[];
  /** What an error calls pair `i` of a part. */
  where(i: number, part: PairPart): string;
}

const side = v.strictObject({
  prompt: v.pipe(v.string(), v.nonEmpty('is empty; write some text')),
  answer: v.pipe(v.string(), v.nonEmpty('is empty; write one token')),
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

/** The source that a request means; throws one line when there is none. */
export function sourceOf(request: PairsRequest): PairSource {
  if ('task' in request) return taskSource(request.task);
  if ('file' in request) return readPairs(request.file);
  return pairsSource(request.name, Buffer.from(request.text), request.where);
}

/** Pairs as the text of a file of pairs. */
export function pairsText(pairs: readonly TaskPair[]): string {
  return pairs.map((pair) => `${JSON.stringify(pair)}\n`).join('');
}

/** A task by its name. */
function taskSource(name: string): PairSource {
  const task = findTask(name);
  return {
    name,
    identity: { task: name },
    pairs: (seed, count, part) => task.pairs(seed, count, part === 'all' ? 'test' : part),
    where: (i) => `task ${name}, pair ${i + 1}`,
  };
}

/**
 * Pairs of a file of JSON lines, `{"a": {"prompt", "answer"}, "b": {"prompt", "answer"}}`. Every
 * second pair is for judging; a single pair serves as both parts.
 * @throws one line that names file, line and what is wrong
 */
export function readPairs(file: string): PairSource {
  return pairsSource(basename(file), readBytes(file), file);
}

function pairsSource(name: string, bytes: Uint8Array, file: string): PairSource {
  const lines: { pair: TaskPair; line: number }[] = [];
  decode(bytes, file)
    .split(/\r\n|\n|\r/)
    .forEach((text, i) => {
      if (text.trim() !== '')
        lines.push({ pair: parsePair(text, `${file}:${i + 1}`), line: i + 1 });
    });
  if (lines.length === 0) throw new Error(`${file} has no pairs; write one pair a line`);
  const half = (odd: number) => (lines.length > 1 ? lines.filter((_, i) => i % 2 === odd) : lines);
  const parts: Record<PairPart, typeof lines> = { train: half(0), test: half(1), all: lines };
  return {
    name,
    identity: { file: name, sha256: createHash('sha256').update(bytes).digest('hex') },
    pairs: (_seed, count, part) => parts[part].slice(0, count).map(({ pair }) => pair),
    where: (i, part) => `${file}:${parts[part][i].line}`,
  };
}

function readBytes(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const what = code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`;
    throw new Error(`${file} ${what}; check the path`, { cause: error });
  }
}

function decode(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new Error(`${file} is not text in UTF-8; save it as UTF-8`, { cause: error });
  }
}

function parsePair(text: string, where: string): TaskPair {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Error(`${where}: not JSON; write {"a": {"prompt": …, "answer": …}, "b": …}`, {
      cause: error,
    });
  }
  const result = v.safeParse(PairSchema, value);
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw new Error(oneLine(`${where}: ${v.getDotPath(issue) ?? 'the line'}: ${issue.message}`));
}
