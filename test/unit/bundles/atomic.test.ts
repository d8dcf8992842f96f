import type * as Fs from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { readBundle, resolveBundle, writeBundle } from '../../../models/bundles/bundle';
import { writeFileAtomic, writeFilesAtomic } from '../../../models/files';
import { sampleParts, smallest, temporaryFolder } from './sample';

/** Changes of the disk still allowed; after them the process is as good as killed, or one fails. */
const disk = vi.hoisted(() => ({ left: Infinity, recovers: false, steps: [] as string[] }));

vi.mock('node:fs', async (original) => {
  const real = await original<typeof Fs>();
  /** Fails once the allowed changes are used up, for good or once; a last write is cut in half. */
  const step = <A extends unknown[], R>(name: string, change: (...args: A) => R) => {
    return (...args: A): R => {
      if (disk.left-- > 0) {
        disk.steps.push(name);
        return change(...args);
      }
      if (disk.left === -1 && name === 'write') {
        const data = Buffer.from(args[1] as string | Uint8Array);
        real.writeFileSync(args[0] as number, data.subarray(0, data.length / 2));
      }
      if (disk.recovers) disk.left = Infinity;
      throw new Error('killed');
    };
  };
  return {
    ...real,
    openSync: step('open', real.openSync),
    writeFileSync: step('write', real.writeFileSync),
    fsyncSync: step('flush', real.fsyncSync),
    renameSync: step('rename', real.renameSync),
    mkdirSync: step('mkdir', real.mkdirSync),
    rmSync: step('remove', real.rmSync),
  };
});
const real = await vi.importActual<typeof Fs>('node:fs');

/** Runs with so many changes allowed; true when they were enough. */
function allowed(changes: number, run: () => void): boolean {
  disk.left = changes;
  disk.steps = [];
  try {
    run();
    return true;
  } catch (error) {
    expect(String(error)).toContain('killed');
    return false;
  } finally {
    disk.left = Infinity;
  }
}

beforeEach(() => {
  disk.left = Infinity;
  disk.recovers = false;
});

describe('killed at any moment', () => {
  test('a file is the old or the new one', () => {
    const folder = temporaryFolder();
    const path = join(folder, 'f.json');
    for (let changes = 0, done = false; !done; changes++) {
      real.writeFileSync(path, 'old text');
      done = allowed(changes, () => writeFileAtomic(path, 'new text'));
      expect(real.readFileSync(path, 'utf8')).toMatch(/^(old|new) text$/);
      if (done) expect(real.readFileSync(path, 'utf8')).toBe('new text');
    }
    expect(disk.steps).toEqual(['open', 'write', 'flush', 'rename', 'open', 'flush']);
  });

  test('a new bundle is there whole or not at all, and not found by name before', () => {
    for (let changes = 0, done = false; !done; changes++) {
      const folder = temporaryFolder();
      const dir = join(folder, 'b');
      done = allowed(changes, () => writeBundle(dir, sampleParts()));
      const found = real.existsSync(dir) && real.readdirSync(dir).includes('bundle.json');
      if (found) expect(readBundle(resolveBundle('b', folder)).name).toBe('small');
      else expect(() => resolveBundle('b', folder)).toThrow(/none in/);
      expect(done && !found).toBe(false);
      // The next writer is not stopped by what this one left, and clears it away.
      writeBundle(dir, sampleParts());
      if (done) expect(real.readdirSync(dir)).toHaveLength(7);
    }
  });

  test('a replaced bundle is the old or the new one, and what else is in its folder stays', () => {
    const [older, newer] = [1, 2].map((seed) => sampleParts(smallest, seed));
    const seen = { old: 0, new: 0 };
    for (let changes = 0, done = false; !done; changes++) {
      const dir = join(temporaryFolder(), 'b');
      writeBundle(dir, older);
      real.mkdirSync(join(dir, '.git'));
      real.writeFileSync(join(dir, '.git', 'config'), 'mine');
      done = allowed(changes, () => writeBundle(dir, newer));
      seen[readBundle(dir).card.seed === 2 ? 'new' : 'old']++;
      if (done) expect(readBundle(dir).card.seed).toBe(2);
      expect(real.readFileSync(join(dir, '.git', 'config'), 'utf8')).toBe('mine');
    }
    expect(seen.old).toBeGreaterThan(15);
    expect(seen.new).toBeGreaterThan(7);
  });
});

describe('when one change of the disk fails', () => {
  test('the older file stays and nothing is left beside it', () => {
    const folder = temporaryFolder();
    const path = join(folder, 'f.json');
    writeFileAtomic(path, 'old text');
    disk.recovers = true;
    for (const changes of [0, 1, 2, 3]) {
      expect(allowed(changes, () => writeFileAtomic(path, 'new text'))).toBe(false);
      expect(real.readFileSync(path, 'utf8')).toBe('old text');
      expect(real.readdirSync(folder)).toEqual(['f.json']);
    }
  });

  test('of files that belong together none is new before all are written', () => {
    const folder = temporaryFolder();
    const paths = ['a.md', 'a.svg'].map((name) => join(folder, name));
    const texts = () => paths.map((path) => real.readFileSync(path, 'utf8'));
    const both = (text: string) => writeFilesAtomic(new Map(paths.map((path) => [path, text])));
    both('old');
    disk.recovers = true;
    for (let changes = 0; changes < 7; changes++) {
      expect(allowed(changes, () => both('new'))).toBe(false);
      expect(texts()).toEqual(['old', 'old']);
      expect(real.readdirSync(folder)).toEqual(['a.md', 'a.svg']);
    }
    both('new');
    expect(texts()).toEqual(['new', 'new']);
  });

  test('the older bundle stays and nothing is left beside it, until all of the new one is written', () => {
    const dir = join(temporaryFolder(), 'b');
    disk.recovers = true;
    let failures = 0;
    for (let decided = false; !decided; failures++) {
      writeBundle(dir, sampleParts(smallest, 1));
      expect(allowed(failures, () => writeBundle(dir, sampleParts(smallest, 2)))).toBe(false);
      // The first rename puts the list of renames in place; from there on the bundle is the new one.
      decided = disk.steps.includes('rename');
      expect(readBundle(dir).card.seed).toBe(decided ? 2 : 1);
      expect(real.readdirSync(dir)).toHaveLength(7);
    }
    expect(failures).toBeGreaterThan(15);
  });
});
