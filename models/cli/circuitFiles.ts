/** Which circuit a command is asked about, and the pairs of prompts that it was pruned for. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { CIRCUITS } from '../bundles/bundle';
import type { Circuit } from '../circuits/file/circuitFile';
import { readInput } from '../input';
import { taskNamed } from '../tasks';
import type { PairsRequest } from '../tasks/source';

/**
 * The file of a circuit: a path, or that of a task in the bundle.
 * @param bundle folder of the bundle
 * @throws one line when there is neither
 */
export function circuitPath(name: string, bundle: string): string {
  if (existsSync(name)) return name;
  if (!taskNamed(name)) {
    throw new Error(
      `${name} does not exist and is no task; give a file that circuitscope prune wrote, or see circuitscope tasks --list`,
    );
  }
  const shipped = join(bundle, CIRCUITS, `${name}.json`);
  if (existsSync(shipped)) return shipped;
  throw new Error(
    `${bundle} has no circuit of ${name}; find one with circuitscope prune ${name} --out FILE`,
  );
}

/** The pairs that a circuit was pruned for; those of a file must not have changed. */
export function pairsOf({ pairs }: Circuit, path: string, given: string | undefined): PairsRequest {
  if ('task' in pairs) return { task: pairs.task };
  if (basename(pairs.file) !== pairs.file) {
    throw new Error(
      `${path} names its pairs ${pairs.file}, which is no file's own name; prune again`,
    );
  }
  const beside = join(dirname(path), pairs.file);
  const file = given ?? (existsSync(beside) ? beside : pairs.file);
  if (!existsSync(file)) {
    throw new Error(`the pairs ${pairs.file} of ${path} are not found; give them with --file`);
  }
  const sha256 = createHash('sha256').update(readInput(file)).digest('hex');
  if (sha256 !== pairs.sha256) {
    throw new Error(
      `${file} is not the file that ${path} was pruned on; give that, or prune again`,
    );
  }
  return { file };
}
