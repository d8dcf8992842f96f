/** Where nodes are strongest: found right, sorted, kept in a bundle that may also do without. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { addExamples, readBundle, writeBundle } from '../../../models/bundles/bundle';
import { EXAMPLES_A_SIGN, examplesOf, type Examples } from '../../../models/bundles/examples';
import { Rng } from '../../../models/random';
import { addWindow, nodeExamples } from '../../../models/training/examples';
import { HEAD_SITES, siteWidth } from '../../../models/transformer/config';
import { activationSites, siteName } from '../../../models/transformer/nodes';
import { randomParts, temporaryFolder, vocabConfig } from '../../integration/runtime/bundles';

const config = vocabConfig({ context: 32 });
const { context } = config;
const WINDOWS = 9;
const rng = new Rng(3, 'examples');
const tokens = Uint16Array.from({ length: WINDOWS * context }, () => rng.int(config.vocab));
/** Activations [window][pos, node] by site; a third are zeros, and some nodes are never negative. */
const activations = new Map(
  activationSites(config).map(({ name, site }) => {
    const width = siteWidth(config, site);
    const value = (i: number) => {
      const x = rng.chance(0.33) ? 0 : Math.fround(rng.normal());
      return i % width === 2 ? Math.abs(x) : x;
    };
    const windows = Array.from({ length: WINDOWS }, () =>
      Float32Array.from({ length: context * width }, (_, i) => value(i)),
    );
    return [name, windows];
  }),
);

function found(): Examples {
  const sites = activationSites(config).map(({ name, site }) => {
    const width = siteWidth(config, site);
    const size = 2 * EXAMPLES_A_SIGN * width;
    const own = { places: new Uint16Array(size), values: new Float32Array(size) };
    activations.get(name)!.forEach((window, i) => {
      addWindow(own, width, window, i * context);
    });
    return [name, own] as const;
  });
  return { tokens, sites: new Map(sites) };
}

/** Examples as texts: long typed arrays take the comparison of deep values a minute. */
function texts(examples: Examples): string[] {
  const arrays = [...examples.sites].map(([name, { places, values }]) => {
    return `${name} ${places.join()} ${values.join()}`;
  });
  return [examples.tokens.join(), ...arrays];
}

describe('examples', () => {
  it('are none of what is the same at every token, sinks and recency slopes', () => {
    const none: Examples = { tokens: new Uint16Array(context), sites: new Map() };
    for (const site of HEAD_SITES) {
      const found = examplesOf(none, context, siteName(1, site), 1);
      expect(found).toEqual({ positive: [], negative: [] });
    }
  });

  it('are of tokens that half a context stands before', async () => {
    const { weights } = randomParts(config);
    const { sites } = await nodeExamples(config, weights, Int32Array.from(tokens));
    const places = [...sites.values()].flatMap(({ places, values }) =>
      [...places].filter((_, i) => values[i] !== 0).map((place) => place % context),
    );
    expect(Math.min(...places)).toBe(context / 2);
    expect(Math.max(...places)).toBe(context - 1);
  });

  it('are the strongest of each window, four of each sign, largest first', () => {
    const examples = found();
    for (const { name, site } of activationSites(config)) {
      const width = siteWidth(config, site);
      for (let index = 0; index < width; index++) {
        const { positive, negative } = examplesOf(examples, context, name, index);
        for (const [sign, list] of [
          [1, positive],
          [-1, negative],
        ] as const) {
          const best = activations.get(name)!.map((window) => {
            const own = Array.from(
              { length: context },
              (_, pos) => sign * window[pos * width + index],
            );
            const top = Math.max(...own);
            return { top, at: own.indexOf(top) };
          });
          const order = [...best.keys()]
            .filter((i) => best[i].top > 0)
            .sort((a, b) => best[b].top - best[a].top)
            .slice(0, EXAMPLES_A_SIGN);
          expect(list.map(({ activation }) => sign * activation)).toEqual(
            order.map((i) => best[i].top),
          );
          expect(list.map(({ at }) => at)).toEqual(order.map((i) => best[i].at));
          expect(list.map((one) => one.tokens)).toEqual(
            order.map((i) => tokens.slice(i * context, (i + 1) * context)),
          );
        }
        if (index === 2) expect(negative).toEqual([]);
      }
    }
  });
});

describe('a bundle', () => {
  const folder = temporaryFolder();
  afterAll(folder.remove);

  it('without examples opens, takes them later and stays the same model', () => {
    const dir = join(folder.dir, 'tiny');
    writeBundle(dir, randomParts(config));
    const before = readBundle(dir);
    expect(before.examples).toBeNull();
    const old = readFileSync(join(dir, 'weights.safetensors'));
    addExamples(dir, found());
    const after = readBundle(dir);
    expect(after.hash).toBe(before.hash);
    expect(texts(after.examples!)).toEqual(texts(found()));
    expect(readFileSync(join(dir, 'weights.safetensors'))).toEqual(old);
  });

  it('refuses examples that are not its model’s', () => {
    const dir = join(folder.dir, 'tiny');
    const wrong = (change: (examples: Examples) => Examples) => () => {
      addExamples(dir, change(found()));
    };
    expect(wrong((one) => ({ ...one, tokens: one.tokens.slice(1) }))).toThrow('no windows of');
    expect(wrong((one) => ({ ...one, tokens: one.tokens.map(() => 2048) }))).toThrow('below 2048');
    expect(wrong((one) => ({ ...one, sites: new Map() }))).toThrow('does not have 8 examples');
    const flipped = wrong((one) => {
      one.sites.get('0.attn.q')!.values[0] = -1;
      return one;
    });
    expect(flipped).toThrow('not of its sign');
  });
});
