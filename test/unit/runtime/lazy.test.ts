import { describe, expect, it } from 'vitest';
import { requireFinite } from '../../../models/engines/finite';
import { Few, Lazy } from '../../../models/engines/lazy';

/** Things that say when they are loaded and released. */
function shelf() {
  const events: string[] = [];
  const load = (name: string) => () => {
    events.push(`load ${name}`);
    return Promise.resolve({
      release: () => {
        events.push(`release ${name}`);
        return Promise.resolve();
      },
    });
  };
  return { events, load };
}

describe('what is loaded when it is first asked for', () => {
  it('is loaded once for all who ask, and freed', async () => {
    const { events, load } = shelf();
    const lazy = new Lazy(load('a'));
    const [first, second] = await Promise.all([lazy.get(), lazy.get()]);
    expect(first).toBe(second);
    await lazy.release();
    expect(events).toEqual(['load a', 'release a']);
  });

  it('is tried again after a failure, and can be released after one', async () => {
    const { events, load } = shelf();
    let fails = true;
    const lazy = new Lazy(() => (fails ? Promise.reject(new Error('no memory')) : load('a')()));
    await expect(lazy.get()).rejects.toThrow('no memory');
    await lazy.release();
    await expect(lazy.get()).rejects.toThrow('no memory');
    fails = false;
    await lazy.get();
    await lazy.release();
    expect(events).toEqual(['load a', 'release a']);
  });

  it('can be released while a load is under way that then fails', async () => {
    let fail: () => void = () => undefined;
    const lazy = new Lazy<never>(() => new Promise((_, reject) => (fail = () => reject(new Error('no memory'))))); // prettier-ignore
    const asked = lazy.get();
    const released = lazy.release();
    fail();
    await expect(asked).rejects.toThrow('no memory');
    await expect(released).resolves.toBeUndefined();
  });

  it('frees nothing that was never asked for', async () => {
    const { events, load } = shelf();
    await new Lazy(load('a')).release();
    expect(events).toEqual([]);
  });

  it('is held up to a number, the least recently used going first', async () => {
    const { events, load } = shelf();
    const few = new Few(2);
    for (const name of ['a', 'b', 'a', 'c', 'a']) await few.get(name, load(name));
    expect(events).toEqual(['load a', 'load b', 'release b', 'load c']);
    await few.release();
    expect(events.slice(4).sort()).toEqual(['release a', 'release c']);
  });
});

describe('numbers', () => {
  it.each([NaN, Infinity, -Infinity])('are refused where one is %d', (bad) => {
    expect(() => {
      requireFinite('the prediction', Float32Array.of(1, bad, 2));
    }).toThrow(/^the prediction went beyond the largest number/);
  });

  it('are taken up to the largest of 32 bits', () => {
    requireFinite('x', Float32Array.of(3.4e38, -3.4e38, 0, 1e-45));
  });
});

describe('what rests', () => {
  it('is freed when it was not asked for since, and loaded anew by the next who asks', async () => {
    const { events, load } = shelf();
    const lazy = new Lazy(load('a'));
    expect(await lazy.rest(Infinity)).toBe(false);
    const before = performance.now();
    await lazy.get();
    expect(await lazy.rest(before)).toBe(false);
    expect(events).toEqual(['load a']);
    expect(await lazy.rest(Infinity)).toBe(true);
    expect(lazy.held).toBeNull();
    await lazy.get();
    expect(events).toEqual(['load a', 'release a', 'load a']);
  });
});
