import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isWithin } from '../../../extension/within';

const scratch = mkdtempSync(join(tmpdir(), 'circuitscope-within-'));
const workspace = join(scratch, 'workspace');
const outside = join(scratch, 'outside');
const at = (...parts: string[]) => join(workspace, ...parts);

beforeAll(() => {
  mkdirSync(at('kept', 'deep'), { recursive: true });
  mkdirSync(outside);
  writeFileSync(join(outside, 'secret.json'), '{}');
  writeFileSync(at('kept', 'own.json'), '{}');
  symlinkSync(outside, at('away'));
  symlinkSync(join(outside, 'secret.json'), at('kept', 'away.json'));
  symlinkSync(join(outside, 'not-there'), at('dangling'));
  symlinkSync(at('kept'), at('near'));
  symlinkSync(workspace, join(scratch, 'link'));
});
afterAll(() => rmSync(scratch, { recursive: true }));

describe('isWithin', () => {
  it('takes what is in the folder, there or still to be made', () => {
    for (const path of [at('kept'), at('kept', 'own.json'), at('new', 'er', 'a.json'), at('..a')]) {
      expect(isWithin(path, workspace)).toBe(true);
    }
  });

  it('takes links that stay in it, and a folder that is a link itself', () => {
    expect(isWithin(at('near', 'a.json'), workspace)).toBe(true);
    expect(isWithin(at('kept', 'a.json'), join(scratch, 'link'))).toBe(true);
    expect(isWithin(join(scratch, 'link', 'kept', 'a.json'), workspace)).toBe(true);
  });

  it('refuses what a link leads out of it, whole folders and single files', () => {
    expect(isWithin(at('away', 'a.json'), workspace)).toBe(false);
    expect(isWithin(at('away', 'new', 'a.json'), workspace)).toBe(false);
    expect(isWithin(at('kept', 'away.json'), workspace)).toBe(false);
  });

  it('refuses links that lead nowhere, because a file would be made where they lead', () => {
    expect(isWithin(at('dangling'), workspace)).toBe(false);
    expect(isWithin(at('dangling', 'a.json'), workspace)).toBe(false);
  });

  it('refuses the folder itself, its parents and its neighbors', () => {
    for (const path of [workspace, scratch, outside, `${workspace}-2`]) {
      expect(isWithin(path, workspace)).toBe(false);
    }
  });
});
