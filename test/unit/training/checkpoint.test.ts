import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import {
  readCheckpoint,
  writeCheckpoint,
  type Checkpoint,
} from '../../../models/training/checkpoint';

const folder = mkdtempSync(join(tmpdir(), 'circuitscope-checkpoint-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const checkpoint: Checkpoint = {
  step: 12,
  weights: Float32Array.of(1, -0, 1e-40),
  first: Float32Array.of(2, 3, 4),
  second: Float32Array.of(5, 6, 7),
  settings: 'abc',
};

describe('a checkpoint', () => {
  it('comes back as it was, to the bit', () => {
    const file = join(folder, 'good');
    writeCheckpoint(file, checkpoint);
    const back = readCheckpoint(file, 3);
    expect(back).toEqual(checkpoint);
    expect(Object.is(back?.weights[1], -0)).toBe(true);
  });

  it('may come from shared memory', () => {
    const file = join(folder, 'shared');
    const weights = new Float32Array(new SharedArrayBuffer(12));
    weights.set([1, 2, 3]);
    writeCheckpoint(file, { ...checkpoint, weights });
    expect([...(readCheckpoint(file, 3)?.weights ?? [])]).toEqual([1, 2, 3]);
  });

  it('is null where there is none', () => {
    expect(readCheckpoint(join(folder, 'none'), 3)).toBeNull();
  });

  it('of another size of model is refused', () => {
    const file = join(folder, 'other');
    writeCheckpoint(file, checkpoint);
    expect(() => readCheckpoint(file, 4)).toThrow(`${file}: not a checkpoint of this model`);
  });

  it('that is damaged is refused, not half read', () => {
    const file = join(folder, 'cut');
    writeCheckpoint(file, checkpoint);
    truncateSync(file, readFileSync(file).length - 4);
    expect(() => readCheckpoint(file, 3)).toThrow(file);
    writeFileSync(file, 'something else');
    expect(() => readCheckpoint(file, 3)).toThrow(file);
  });
});
