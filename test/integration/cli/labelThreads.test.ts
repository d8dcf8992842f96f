/** Labels found in threads beside each other are those that one thread finds alone. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CONCEPTS } from '../../../models/labels/concepts';
import { NodeSearch, type SearchedText } from '../../../models/labels/nodeSearch';
import { SearchThread } from '../../../models/labels/searchThread';
import { Rng } from '../../../models/random';
import { built } from '../runtime/built';

const [WINDOWS, CONTEXT, NODES] = [20, 64, 16];
const positions = WINDOWS * CONTEXT;

/** The second concept holds at every third position. */
function text(): SearchedText {
  const holds = new Uint8Array(CONCEPTS.length * positions);
  const first = new Uint32Array(positions + 1);
  const ids: number[] = [];
  for (let i = 0; i < positions; i++) {
    if (i % 3 === 0) {
      holds[positions + i] = 1;
      ids.push(1);
    }
    first[i + 1] = ids.length;
  }
  const table = { positions, holds, first, ids: Uint16Array.from(ids) };
  return { table, windows: WINDOWS, context: CONTEXT };
}

/** Noise, but for one node that is active where the concept holds. */
function activations(seed: number): Float32Array {
  const rng = new Rng('label threads', seed);
  return Float32Array.from({ length: NODES * positions }, (_, i) => {
    return Math.floor(i / positions) === 5 && (i % positions) % 3 === 0 ? 3 : rng.normal();
  });
}

const threads: SearchThread[] = [];
beforeAll(() => {
  threads.push(...[0, 1].map(() => new SearchThread(built('label-worker.js'), text())));
});
afterAll(async () => {
  for (const thread of threads) await thread.release();
});

it('are the same', async () => {
  const found = await Promise.all(threads.map((thread, i) => thread.search(activations(i), 8 * i)));
  const alone = new NodeSearch(text());
  for (const [i, one] of found.entries()) {
    expect(one).toEqual(await alone.search(activations(i), 8 * i));
    expect(one.signs[5].positive).toBeDefined();
    expect(one.control.tried).toBeGreaterThan(0);
  }
});

it('are an error when the thread ends early, before it is asked or after, rather than never', async () => {
  const broken = { ...text(), table: null } as unknown as SearchedText;
  const thread = new SearchThread(built('label-worker.js'), broken);
  await expect(thread.search(activations(0), 0)).rejects.toThrow();
  await thread.release();
  await expect(thread.search(activations(0), 0)).rejects.toThrow();
});
