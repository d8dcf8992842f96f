import { expect, it } from 'vitest';
import { ByteCache } from '../../../extension/trace/byteCache';

it('drops what was not used for longest when it is full', () => {
  const cache = new ByteCache<number>(100);
  cache.set('a', 'x.py', 1, 40);
  cache.set('b', 'x.py', 2, 40);
  cache.get('a', 'x.py');
  cache.set('c', 'x.py', 3, 40);
  expect([cache.get('a', 'x.py'), cache.get('b', 'x.py'), cache.get('c', 'x.py')]).toEqual([
    1,
    undefined,
    3,
  ]);
  expect(cache.bytes).toBe(80);
});

it('counts a value once when it is replaced, and keeps nothing larger than itself', () => {
  const cache = new ByteCache<number>(100);
  cache.set('a', 'x.py', 1, 40);
  cache.set('a', 'x.py', 2, 60);
  expect(cache.bytes).toBe(60);
  cache.set('b', 'x.py', 3, 101);
  expect(cache.get('b', 'x.py')).toBeUndefined();
  expect(cache.bytes).toBe(0);
});

it('frees the share of a closed document, but not what others use too', () => {
  const cache = new ByteCache<number>(100);
  cache.set('own', 'x.py', 1, 10);
  cache.set('shared', 'x.py', 2, 10);
  cache.get('shared', 'y.py');
  cache.release('x.py');
  expect(cache.bytes).toBe(10);
  expect(cache.get('own', 'x.py')).toBeUndefined();
  expect(cache.get('shared', 'y.py')).toBe(2);
});

it('shrinks to a new limit', () => {
  const cache = new ByteCache<number>(100);
  for (const key of ['a', 'b', 'c']) cache.set(key, 'x.py', 1, 30);
  cache.resize(50);
  expect(cache.bytes).toBe(30);
  cache.clear();
  expect(cache.bytes).toBe(0);
});
