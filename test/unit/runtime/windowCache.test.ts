import { expect, it } from 'vitest';
import { WindowCache } from '../../../models/inference/windowCache';

it('makes a result once for all who ask while it is being made', async () => {
  const cache = new WindowCache<number>(2);
  let made = 0;
  const make = () => Promise.resolve(++made);
  expect(await Promise.all([cache.get('a', make), cache.get('a', make)])).toEqual([1, 1]);
  expect(await cache.get('a', make)).toBe(1);
});

it('forgets the least recently used', async () => {
  const cache = new WindowCache<string>(2);
  const asked: string[] = [];
  const get = (key: string) =>
    cache.get(key, () => {
      asked.push(key);
      return Promise.resolve(key);
    });
  for (const key of ['a', 'b', 'a', 'c', 'a', 'b']) expect(await get(key)).toBe(key);
  expect(asked).toEqual(['a', 'b', 'c', 'b']);
});

it('tries again what failed', async () => {
  const cache = new WindowCache<number>(2);
  await expect(cache.get('a', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await cache.get('a', () => Promise.resolve(1))).toBe(1);
});
