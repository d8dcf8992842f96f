/** What held-out text shows of nodes: found right, sorted, kept in a bundle that may also do without. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { addExamples, readBundle, writeBundle } from '../../../models/bundles/bundle';
import {
  emptySite,
  examplesOf,
  type Example,
  type ExampleGroup,
  type Examples,
} from '../../../models/bundles/examples';
import { decodeExamples, encodeExamples } from '../../../models/bundles/examplesFile';
import { encodeSafetensors } from '../../../models/bundles/safetensors';
import { Rng } from '../../../models/random';
import { describeNode } from '../../../models/training/chooseExamples';
import { nodeExamples } from '../../../models/training/examples';
import { SiteReader } from '../../../models/training/siteReader';
import { HEAD_SITES, siteWidth } from '../../../models/transformer/config';
import { activationSites, siteName } from '../../../models/transformer/nodes';
import { randomParts, temporaryFolder, vocabConfig } from '../../integration/runtime/bundles';

const config = vocabConfig({ context: 32 });
const { context } = config;
const PER_WINDOW = context / 2;
const rng = new Rng(3, 'examples');
const tokensOf = (windows: number) =>
  Uint16Array.from({ length: windows * context }, () => rng.int(config.vocab));

/** A node's activations at the tokens that are read, [window, pos]: a third zeros, many alike. */
const random = (windows: number, share = 0.67) =>
  Float32Array.from({ length: windows * PER_WINDOW }, () =>
    rng.chance(share) ? Math.round(40 * rng.normal()) / 16 : 0,
  );

const placeOf = (at: number) =>
  Math.floor(at / PER_WINDOW) * context + context / 2 + (at % PER_WINDOW);

/** What is told of a node with these activations. */
function told(activations: Float32Array) {
  const own = emptySite(2);
  describeNode(own, 1, activations, PER_WINDOW, placeOf);
  const tokens = tokensOf(activations.length / PER_WINDOW);
  return { ...examplesOf({ tokens, sites: new Map([['site', own]]) }, context, 'site', 1), tokens };
}

/** The same, sorted and searched token by token. */
function plainly(activations: Float32Array, sign: 1 | -1) {
  const all = [...activations]
    .map((value, at) => ({ size: sign * value, at, window: Math.floor(at / PER_WINDOW) }))
    .filter(({ size }) => size > 0)
    .sort((a, b) => b.size - a.size || a.at - b.at);
  type Token = (typeof all)[number];
  const seen = new Set<number>();
  const take = (list: readonly Token[], count: number) => {
    const taken: Token[] = [];
    for (const one of list) {
      if (taken.length === count || seen.has(one.window)) continue;
      seen.add(one.window);
      taken.push(one);
    }
    return taken.map(({ at }) => placeOf(at));
  };
  const groups = [{ percentile: null as number | null, places: take(all, 4) }];
  for (const percentile of [99, 90, 50]) {
    const wanted = ((100 - percentile) / 100) * all.length;
    const near = all
      .map((one, rank) => ({ one, rank: rank + 0.5 }))
      .filter(({ rank }) => rank >= 0.8 * wanted - 1e-9 && rank <= 1.25 * wanted + 1e-9)
      .sort((a, b) => Math.abs(a.rank - wanted) - Math.abs(b.rank - wanted) || a.rank - b.rank);
    groups.push({
      percentile,
      places: take(
        near.map(({ one }) => one),
        2,
      ),
    });
  }
  return { active: all.length, groups: groups.filter(({ places }) => places.length > 0) };
}

/** Where examples are, by their windows, no two of which are alike. */
function placesOf(groups: readonly ExampleGroup[], tokens: Uint16Array) {
  const place = (one: Example) => {
    for (let start = 0; start < tokens.length; start += context) {
      if (one.tokens.every((id, i) => id === tokens[start + i])) return start + one.at;
    }
    return -1;
  };
  return groups.map(({ percentile, examples }) => ({ percentile, places: examples.map(place) }));
}

describe('examples of a node', () => {
  it('are the strongest of four windows, then two around each percentile, as a plain search has them', () => {
    const many = [400, 100, 12, 3].map((windows) => random(windows));
    const filled = new Set<number | null>();
    for (const activations of [...many, random(300, 0.02), random(40, 0)]) {
      const { tokens, positive, negative, activity } = told(activations);
      const [above, below] = [plainly(activations, 1), plainly(activations, -1)];
      expect(placesOf(positive, tokens)).toEqual(above.groups);
      expect(placesOf(negative, tokens)).toEqual(below.groups);
      expect(activity).toMatchObject({
        ...{ tokens: activations.length, positive: above.active, negative: below.active },
      });
      const at = new Map([...activations].map((value, i) => [placeOf(i), value]));
      const largest = Math.max(...activations.map(Math.abs));
      for (const [groups, plain] of [
        [positive, above.groups],
        [negative, below.groups],
      ] as const) {
        // prettier-ignore
        groups.forEach(({ percentile, examples }, g) => {
          filled.add(percentile);
          examples.forEach(({ activation }, i) => {
            const error = Math.abs(activation - at.get(plain[g].places[i])!);
            expect(error).toBeLessThanOrEqual(largest / 2 ** 16);
          });
        });
      }
    }
    expect(filled).toEqual(new Set([null, 99, 90, 50]));
  });

  it('have a histogram from the smallest to the largest activation, within 4 %', () => {
    const activations = random(400);
    const { low, high, bins } = told(activations).activity!;
    expect([low, high]).toEqual([Math.min(...activations), Math.max(...activations)]);
    const width = (high - low) / 16;
    const counts = Array.from({ length: 16 }, (_, bin) => {
      const inside = (value: number) =>
        value >= low + bin * width && (value < low + (bin + 1) * width || bin === 15);
      return activations.filter((value) => value !== 0 && inside(value)).length;
    });
    expect(counts.some((count) => count > 0 && count < 20)).toBe(true);
    expect(Math.max(...counts)).toBeGreaterThan(500);
    bins.forEach((count, bin) => {
      if (counts[bin] <= 24) expect(count).toBe(counts[bin]);
      else expect(Math.abs(count / counts[bin] - 1)).toBeLessThanOrEqual(0.0401);
    });
    expect(told(new Float32Array(PER_WINDOW)).activity).toMatchObject({
      ...{ positive: 0, negative: 0, low: 0, high: 0, bins: Array(16).fill(0) },
    });
  });

  it('are none of what is the same at every token, sinks and recency slopes', () => {
    const none: Examples = { tokens: new Uint16Array(context), sites: new Map() };
    for (const site of HEAD_SITES) {
      const found = examplesOf(none, context, siteName(1, site), 1);
      expect(found).toEqual({ positive: [], negative: [], activity: null });
    }
  });
});

it('a model is read at tokens that half a context stands before, however many nodes at once', async () => {
  const { weights } = randomParts(config);
  const WINDOWS = 5;
  const tokens = Int32Array.from(tokensOf(WINDOWS));
  const rounds: number[] = [];
  const whole = await nodeExamples(config, weights, tokens, (_, total) => rounds.push(total));
  expect(rounds).toEqual(Array(WINDOWS).fill(WINDOWS));
  // So few numbers at once that sites are divided.
  const room = 7 * WINDOWS * PER_WINDOW;
  const divided = await nodeExamples(config, weights, tokens, undefined, room);
  expect(texts(divided)).toEqual(texts(whole));

  const reader = await SiteReader.open(config, weights);
  try {
    for (const { name, width } of reader.sites) {
      const own = emptySite(width);
      const columns = Array.from({ length: width }, () => [] as number[]);
      for (let window = 0; window < WINDOWS; window++) {
        const read = await reader.read(tokens.slice(window * context, (window + 1) * context));
        read(name).forEach((value, i) => {
          if (i >= PER_WINDOW * width) columns[i % width].push(value);
        });
      }
      columns.forEach((column, node) => {
        describeNode(own, node, Float32Array.from(column), PER_WINDOW, placeOf);
      });
      const site = { tokens: whole.tokens, sites: new Map([[name, own]]) };
      expect(texts({ ...whole, sites: new Map([[name, whole.sites.get(name)!]]) })).toEqual(
        texts(site),
      );
    }
  } finally {
    await reader.release();
  }
});

/** Examples as texts: long typed arrays take the comparison of deep values a minute. */
function texts({ tokens, sites }: Examples): string[] {
  const arrays = [...sites].map(([name, { places, peaks, parts, activity }]) =>
    [name, places, peaks, parts, activity?.active, activity?.bins].join(' '),
  );
  return [tokens.join(), ...arrays];
}

function found(): Examples {
  const windows = 40;
  const sites = activationSites(config).map(({ name, site }) => {
    const width = siteWidth(config, site);
    const own = emptySite(width);
    for (let node = 0; node < width; node++) {
      describeNode(own, node, random(windows), PER_WINDOW, placeOf);
    }
    return [name, own] as const;
  });
  return { tokens: tokensOf(windows), sites: new Map(sites) };
}

describe('a bundle', () => {
  const folder = temporaryFolder();
  afterAll(folder.remove);
  const examples = found();

  it('without examples opens, takes them later and stays the same model', () => {
    const dir = join(folder.dir, 'tiny');
    writeBundle(dir, randomParts(config));
    const before = readBundle(dir);
    expect(before.examples).toBeNull();
    const old = readFileSync(join(dir, 'weights.safetensors'));
    addExamples(dir, examples);
    const after = readBundle(dir);
    expect(after.hash).toBe(before.hash);
    expect(texts(after.examples!)).toEqual(texts(examples));
    expect(readFileSync(join(dir, 'weights.safetensors')).equals(old)).toBe(true);
  });

  it('has the strongest of a file of an earlier version, which knows no more', () => {
    const [name] = examples.sites.keys();
    const strongest = ({ positive, negative }: ReturnType<typeof examplesOf>) =>
      [positive[0], negative[0]].map(({ examples }) => examples);
    const known = (node: number) => strongest(examplesOf(examples, context, name, node));
    const tensors = new Map([
      ['tokens', { shape: [40, context], data: examples.tokens as Uint16Array | Float32Array }],
    ]);
    for (const [site, { peaks, places }] of examples.sites) {
      const nodes = peaks.length / 2;
      const of = (node: number) => strongest(examplesOf(examples, context, site, node)).flat();
      const values = Array.from({ length: nodes }, (_, node) => of(node).map((e) => e.activation));
      const starts = Array.from({ length: 2 * nodes }, (_, row) =>
        places.slice(10 * row, 10 * row + 4),
      );
      const shape = [nodes, 8];
      tensors.set(`${site}.values`, { shape, data: Float32Array.from(values.flat()) });
      tensors.set(`${site}.places`, {
        shape,
        data: Uint16Array.from(starts.flatMap((one) => [...one])),
      });
    }
    const bytes = encodeSafetensors({ tensors, metadata: {} });
    const older = decodeExamples(config, bytes, 'examples.safetensors');
    for (const node of [0, 3]) {
      const own = examplesOf(older, context, name, node);
      expect(own.activity).toBeNull();
      expect(own.positive.map(({ percentile }) => percentile)).toEqual([null]);
      expect(strongest(own)).toEqual(known(node));
    }
  });

  const wrong = (change: (examples: Examples) => Examples) => () =>
    encodeExamples(config, change(structuredClone(examples)));
  /** Changes one site. */
  const changed = (change: (site: ReturnType<typeof emptySite>) => object) =>
    wrong((one) => {
      const [[name, site]] = one.sites;
      const sites = new Map(one.sites);
      sites.set(name, { ...site, ...change(site as ReturnType<typeof emptySite>) });
      return { ...one, sites };
    });

  it('refuses examples that are not its model’s', () => {
    expect(wrong((one) => one)).not.toThrow();
    expect(wrong((one) => ({ ...one, tokens: one.tokens.slice(1) }))).toThrow(
      'not whole windows of',
    );
    expect(wrong((one) => ({ ...one, tokens: one.tokens.map(() => 2048) }))).toThrow(
      'outside the vocabulary of 2048',
    );
    expect(wrong((one) => ({ ...one, sites: new Map() }))).toThrow('does not have 20 examples');
    expect(wrong((one) => ({ ...one, tokens: one.tokens.slice(0, context) }))).toThrow('outside');
  });

  it('refuses arrays of other sizes, signs and counts', () => {
    for (const name of ['places', 'peaks', 'parts'] as const) {
      expect(changed((site) => ({ [name]: site[name].slice(2) }))).toThrow('have 20 examples');
    }
    for (const name of ['active', 'bins'] as const) {
      const cut = changed(({ activity }) => ({
        activity: { ...activity, [name]: activity[name].slice(2) },
      }));
      expect(cut).toThrow('have 20 examples');
    }
    expect(changed(({ peaks }) => ({ peaks: peaks.map((peak) => -peak) }))).toThrow(
      'has the wrong sign',
    );
    expect(changed(({ peaks }) => ({ peaks: peaks.map(() => NaN) }))).toThrow('has the wrong sign');
    const counted = (count: number) =>
      changed(({ activity }) => ({
        activity: { ...activity, active: activity.active.map(() => count) },
      }));
    expect(counted(0)).toThrow('active nodes without an example, or examples of inactive ones');
    expect(counted(40 * PER_WINDOW)).not.toThrow();
    expect(counted(40 * PER_WINDOW + 1)).toThrow('at more tokens than there are');
  });

  it('refuses a file in which an array is missing', () => {
    const tensors = new Map([['tokens', { shape: [1, context], data: new Uint16Array(context) }]]);
    const bytes = encodeSafetensors({ tensors, metadata: {} });
    expect(() => decodeExamples(config, bytes, 'e.safetensors')).toThrow(
      /e\.safetensors: arrays of 0\.attn\.act_in are missing or of another type; /,
    );
  });
});

it.each(['python-sparse', 'python-dense'])('of %s stand where half a context was read', (name) => {
  const { config, examples } = readBundle(join('models/bundles', name));
  let early = 0;
  for (const { places, peaks, parts, activity } of examples!.sites.values()) {
    expect(activity).not.toBeNull();
    places.forEach((place, i) => {
      const [row, one] = [Math.floor(i / 10), i % 10];
      const there = one === 0 ? peaks[row] !== 0 : parts[row * 9 + one - 1] !== 0;
      if (there && place % config.context < config.context / 2) early++;
    });
  }
  expect(early).toBe(0);
});
