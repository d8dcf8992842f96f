// @ts-check
/** The cache folder: what is fetched or made once, each thing in a folder of its own. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * The path that a folder of the cache has, or will have.
 * @param {string} name
 */
export function cached(name) {
  return join(cacheDir(), name);
}

/**
 * Makes a folder of the cache: aside, then renamed, so that what is in the cache is complete.
 * @param {string} name
 * @param {(dir: string) => void | Promise<void>} make makes the folder at a path
 */
export async function intoCache(name, make) {
  mkdirSync(cacheDir(), { recursive: true });
  removeLeftovers();
  const aside = cached(`.${name}.new-${process.pid}-${randomBytes(4).toString('hex')}`);
  try {
    await make(aside);
    renameSync(aside, cached(name));
  } catch (error) {
    rmSync(aside, { recursive: true, force: true });
    // Somebody else may have been faster; what they made is as good.
    if (!existsSync(cached(name))) throw error;
  }
}

/**
 * Removes folders of the cache.
 * @param {(name: string) => boolean} unwanted
 */
export function dropFromCache(unwanted) {
  for (const name of readdirSync(cacheDir()).filter((name) => unwanted(name))) {
    rmSync(cached(name), { recursive: true, force: true });
  }
}

/** Removes what processes that were killed had not finished. */
function removeLeftovers() {
  dropFromCache((name) => {
    const [, pid] = /^\..*\.new-(\d+)-/.exec(name) ?? [];
    return pid !== undefined && !isAlive(Number(pid));
  });
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** @returns {string} */
function cacheDir() {
  const base = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  return join(base, 'circuitscope');
}
