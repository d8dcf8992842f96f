/** Which circuit a command is asked about, and the pairs of prompts that it was pruned for. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { CIRCUITS } from '../bundles/bundle';
import type { Circuit } from '../circuits/file/circuitFile';
import { readInput } from '../input';
import { taskNamed } from '../tasks';
import type { PairsRequest } from '../tasks/source';
import { UsageError } from './command';

/** Said of a circuit whose file of pairs was too small to be divided for its search. */
export const UNDIVIDED =
  'masks are trained and nodes selected on the same pairs, since the file has few; those of the proof are others';

/**
 * The file of a circuit: a path, or that of a task in the bundle.
 * @param bundle folder of the bundle
 * @throws one line when there is neither
 */
export function circuitPath(name: string, bundle: string): string {
  if (existsSync(name)) return name;
  if (!taskNamed(name)) {
    throw new Error(
      `${name} does not exist and is not a task; give a file that circuitscope prune wrote, or see circuitscope tasks --list`,
    );
  }
  const shipped = join(bundle, CIRCUITS, `${name}.json`);
  if (existsSync(shipped)) return shipped;
  throw new Error(
    `${bundle} has no circuit for ${name}; find one with circuitscope prune ${name} --out FILE`,
  );
}

/**
 * The pairs that a circuit was pruned for; those of a file must not have changed.
 * @param given file of pairs given with `option`
 * @throws UsageError where a file was given for the circuit of a task
 */
export function pairsOf(
  { pairs }: Circuit,
  path: string,
  given: string | undefined,
  option = '--file',
): PairsRequest {
  if ('task' in pairs) {
    if (given === undefined) return { task: pairs.task };
    throw new UsageError(
      `${path} was pruned on the task ${pairs.task}, not on a file of pairs; leave out ${option}`,
    );
  }
  if (basename(pairs.file) !== pairs.file) {
    throw new Error(
      `${path} gives ${pairs.file} as its file of pairs, which should be a name without folders; prune again`,
    );
  }
  const beside = join(dirname(path), pairs.file);
  const file = given ?? (existsSync(beside) ? beside : pairs.file);
  if (!existsSync(file)) {
    throw new Error(
      `${pairs.file}, the pairs that ${path} was pruned on, was not found; put it beside the circuit, or give its path with ${option} for this circuit alone`,
    );
  }
  const sha256 = createHash('sha256').update(readInput(file)).digest('hex');
  if (sha256 !== pairs.sha256) {
    throw new Error(
      `${file} is not the file of pairs that ${path} was pruned on, or it was changed; give that file, or prune again`,
    );
  }
  return { file };
}
