/** The folder of a training run: taken by one process at a time, and never a person's own. */
import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { isAlive } from '../files';
import { writing } from '../unwritten';

/** Everything that a run writes into its folder; names that begin with a dot are being written. */
const OWN = ['bundle', 'checkpoint.safetensors', 'config.json', 'metrics.jsonl', 'tokens'];
const LOCK = '.running';

/**
 * Takes a folder for a run, making it where it is missing; the result gives it back.
 * @throws Error in one line when it holds what no run wrote, or another process trains into it
 */
export function takeRunFolder(out: string): () => void {
  const made = mkdirSync(out, { recursive: true }) !== undefined;
  const foreign = readdirSync(out).find((name) => !name.startsWith('.') && !OWN.includes(name));
  // Without metrics the settings are somebody else's: a run writes both.
  const settingsOnly =
    existsSync(join(out, 'config.json')) && !existsSync(join(out, 'metrics.jsonl'));
  if (foreign !== undefined || settingsOnly) {
    throw new Error(
      `${out} has ${foreign ?? 'config.json'}, which does not belong to a run; choose another --out`,
    );
  }
  const lock = join(out, LOCK);
  while (!wasTaken(lock)) {
    const holder = holderOf(lock);
    if (holder !== null) {
      throw new Error(
        `process ${holder} is training into ${out}; wait for it or choose another --out`,
      );
    }
    removeStale(lock);
  }
  return () => {
    rmSync(lock, { force: true });
    // A run that was refused leaves nothing.
    if (made && readdirSync(out).length === 0) rmdirSync(out);
  };
}

/**
 * Removes the lock of a process that is dead. One at a time does, and looks again before: of two that
 * found it stale, the second would else remove the lock that the first has taken since.
 */
function removeStale(lock: string): void {
  const removal = `${lock}-removal`;
  if (!wasTaken(removal)) {
    if (existsSync(removal) && holderOf(removal) === null) {
      throw new Error(`${removal} was left by a process that was killed; remove it and try again`);
    }
    return;
  }
  try {
    // A dead process's lock stays until somebody here removes it; where there is none, another may come.
    if (isThere(lock) && holderOf(lock) === null) rmSync(lock);
  } finally {
    rmSync(removal, { force: true });
  }
}

/** Whether a name is taken, be it by a link that leads nowhere. */
function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

/** Makes the lock, with this process's number in it from the start, unless there is one: of two who try, one does. */
function wasTaken(lock: string): boolean {
  const aside = `${lock}-${process.pid}`;
  try {
    writing(lock, () => {
      writeFileSync(aside, String(process.pid));
    });
    linkSync(aside, lock);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

/** The process that has the lock and still runs. */
function holderOf(lock: string): number | null {
  if (!existsSync(lock)) return null;
  const pid = Number(readFileSync(lock, 'utf8'));
  return Number.isInteger(pid) && pid > 0 && isAlive(pid) ? pid : null;
}
