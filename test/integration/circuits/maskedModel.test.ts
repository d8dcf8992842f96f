/** Gates against the model without gates, and their gradient against central differences. */
import { Machines } from '../../../models/sparse/machines';
import { describe, expect, it } from 'vitest';
import { lossOf } from '../../../models/circuits/search/calibration';
import { NodeSet } from '../../../models/transformer/nodeSet';
import { readBundle } from '../../../models/bundles/bundle';
import { Rng } from '../../../models/random';
import { MaskedModel } from '../../../models/inference/maskedModel';
import { Model } from '../../../models/inference/model';
import { Sessions } from '../../../models/engines/sessions';
import type { Prompt } from '../../../models/tasks/prompts';
import { everySite, siteWidth, type TransformerConfig } from '../../../models/transformer/config';
import { LOGPROBS } from '../../../models/transformer/graphs';
import { allSites } from '../../../models/transformer/nodes';
import type { Weights } from '../../../models/transformer/parameters';
import { randomTokens, randomWeights, tinyConfig, variants } from '../../support/models';

const ANSWERS = [3, 7, 12];
const chosen = [
  ...['AbsTopK 1/2', 'no biases', 'tied embeddings', 'everything off'],
  'nodes on the last residual stream',
];

function promptsFor(config: TransformerConfig): Prompt[] {
  const rng = new Rng('prompts');
  return Array.from({ length: 8 }, (_, i) => ({
    tokens: Int32Array.from(randomTokens(config, i, 3 + rng.int(8))),
    first: ANSWERS[i % 2],
    second: ANSWERS[2],
    sign: i % 2 === 0 ? 1 : -1,
  }));
}

function meansFor(config: TransformerConfig) {
  const rng = new Rng('means');
  return new Map(
    allSites(config).map(({ name, site }) => [
      name,
      Float32Array.from({ length: siteWidth(config, site) }, () => 0.3 * rng.normal()),
    ]),
  );
}

function masked(config: TransformerConfig, weights: Weights, nodes: NodeSet) {
  const means = meansFor(config);
  return new MaskedModel({ weights, means, nodes, answers: ANSWERS, machines: new Machines(1) });
}

const some = (nodes: NodeSet, seed: number, share: number) => {
  const rng = new Rng('some', seed);
  return nodes.filter(() => rng.chance(share));
};
const ones = (count: number) => new Float32Array(count).fill(1);

/** Dense weights run on ONNX Runtime, sparse ones on the sparse engine. */
const DENSITIES = [1, 0.2];
const cases = chosen.flatMap((variant) => DENSITIES.map((density) => [variant, density] as const));

describe.each(cases)('gates on a model with %s, density %d', (variant, density) => {
  const config = tinyConfig(variants[variant]);
  const weights = randomWeights(config, 5, density);
  const prompts = promptsFor(config);
  const all = NodeSet.all(config);

  it('all open are the whole model', async () => {
    const model = masked(config, weights, all);
    const [found] = await model.differences(prompts, [ones(all.count)]);
    const whole = await Model.load(config, weights, Sessions.onnx(1));
    for (const [i, { tokens, first, second }] of prompts.entries()) {
      const read = Int32Array.of(tokens.length - 1);
      const pass = { batch: 1, tokens, read, edits: new Map(), outputs: [LOGPROBS] };
      const logprobs = (await whole.run(pass)).get(LOGPROBS)!;
      expect(found[i]).toBeCloseTo(logprobs[first] - logprobs[second], 4);
    }
    await whole.release();
    await model.release();
  });

  it('all closed leave nothing but the last token', async () => {
    const model = masked(config, weights, new NodeSet(config, []));
    const same = prompts.map((prompt) => ({ ...prompt, first: 3, second: 7 }));
    for (const prompt of same) prompt.tokens.set([11], prompt.tokens.length - 1);
    const [found] = await model.differences(same, [new Float32Array()]);
    // Each reads the same token last; what came before is closed off.
    for (const difference of found) expect(difference).toBeCloseTo(found[0], 5);
    await model.release();
  });

  it('only on some nodes do as closed gates on all others', async () => {
    const few = some(all, 1, 0.2);
    const open = some(few, 2, 0.6);
    const [whole, narrow] = [masked(config, weights, all), masked(config, weights, few)];
    const [a] = await whole.differences(prompts, [all.gatesOf(open)]);
    const [b, everything] = await narrow.differences(prompts, [few.gatesOf(open), ones(few.count)]);
    const [c] = await whole.differences(prompts, [all.gatesOf(few)]);
    for (let i = 0; i < prompts.length; i++) {
      expect(b[i]).toBeCloseTo(a[i], 4);
      expect(everything[i]).toBeCloseTo(c[i], 4);
    }
    expect(Math.max(...a.map((x, i) => Math.abs(x - c[i])))).toBeGreaterThan(1e-3);
    await whole.release();
    await narrow.release();
  });
});

it('gates on the last residual stream close just the nodes that have none', async () => {
  const config = tinyConfig({ finalResid: true });
  const weights = randomWeights(config, 5);
  const [prompt] = promptsFor(config);
  const { tokens, first, second } = prompt;
  const open = NodeSet.named(config, [...NodeSet.all(config).names(), 'final_resid.2']);
  const model = masked(config, weights, open);
  const [[found]] = await model.differences([prompt], [ones(open.count)]);
  await model.release();
  const mean = meansFor(config).get('final_resid')!;
  const only = (value: number, other: number) =>
    Float32Array.from({ length: config.dModel }, (_, i) => (i === 2 ? value : other));
  const edit = { batch: 1, rows: 1, width: config.dModel, keep: only(1, 0), add: mean.slice() };
  edit.add[2] = 0;
  const whole = await Model.load(config, weights, Sessions.onnx(1));
  const logprobs = (
    await whole.run({
      ...{ batch: 1, tokens, read: Int32Array.of(tokens.length - 1), outputs: [LOGPROBS] },
      edits: new Map([['final_resid', edit]]),
    })
  ).get(LOGPROBS)!;
  await whole.release();
  expect(found).toBeCloseTo(logprobs[first] - logprobs[second], 4);
});

describe.each(DENSITIES)('the gradient of the gates, density %d', (density) => {
  const config = tinyConfig({ activationFraction: everySite(1) });
  const weights = randomWeights(config, 6, density);
  const prompts = promptsFor(config);
  const calibration = { scale: 1.7, shift: -0.3 };

  it.each([
    ['all nodes', 1],
    ['few nodes', 0.15],
  ])('is that of central differences, on %s', async (_what, share) => {
    const nodes = some(NodeSet.all(config), 3, share);
    const model = masked(config, weights, nodes);
    const rng = new Rng('gates');
    const gates = Float32Array.from({ length: nodes.count }, () => rng.next());
    const { gradient, loss, differences } = await model.gradient(prompts, gates, calibration);
    const signs = prompts.map(({ sign }) => sign);
    expect(loss).toBeCloseTo(lossOf(differences, signs, calibration), 5);
    const step = 0.02;
    const places = rng.shuffle(Array.from(gates.keys())).slice(0, 40);
    const moved = places.flatMap((place) =>
      [step, -step].map((by) => gates.map((gate, i) => (i === place ? gate + by : gate))),
    );
    const losses = (await model.differences(prompts, moved)).map((d) =>
      lossOf(d, signs, calibration),
    );
    const largest = Math.max(...gradient.map(Math.abs));
    places.forEach((place, i) => {
      const slope = (losses[2 * i] - losses[2 * i + 1]) / (2 * step);
      expect(Math.abs(slope - gradient[place]), nodes.names()[place]).toBeLessThan(
        1e-4 + 0.01 * largest,
      );
    });
    expect(largest).toBeGreaterThan(1e-3);
    await model.release();
  });

  it('is that of differences less their mean where each batch finds its own shift', async () => {
    const nodes = NodeSet.all(config);
    const model = masked(config, weights, nodes);
    const rng = new Rng('centred');
    const gates = Float32Array.from({ length: nodes.count }, () => rng.next());
    const centred = { scale: 1.7, shift: 'centred' } as const;
    const { gradient, loss, differences } = await model.gradient(prompts, gates, centred);
    const signs = prompts.map(({ sign }) => sign);
    const lossAt = (found: ArrayLike<number>) => {
      const mean = Array.from(found).reduce((sum, x) => sum + x, 0) / found.length;
      return lossOf(found, signs, { scale: 1.7, shift: -1.7 * mean });
    };
    expect(loss).toBeCloseTo(lossAt(differences), 5);
    const largest = gradient.indexOf(Math.max(...gradient));
    const moved = [0.02, -0.02].map((by) => gates.map((g, i) => (i === largest ? g + by : g)));
    const [up, down] = (await model.differences(prompts, moved)).map(lossAt);
    expect((up - down) / 0.04).toBeCloseTo(gradient[largest], 3);
    await model.release();
  });

  it('does not depend on prompts of other lengths in the batch', async () => {
    const nodes = NodeSet.all(config);
    const model = masked(config, weights, nodes);
    const gates = ones(nodes.count);
    const together = await model.gradient(prompts, gates, calibration);
    const alone = await Promise.all(
      prompts.map((prompt) => model.gradient([prompt], gates, calibration)),
    );
    const mean = alone.reduce((sum, { loss }) => sum + loss / prompts.length, 0);
    expect(together.loss).toBeCloseTo(mean, 5);
    await model.release();
  });
});

it('gives back what it ran on, for the next model to take up', async () => {
  const config = tinyConfig();
  const weights = randomWeights(config, 5, 0.2);
  const machines = new Machines(1);
  const run = async () => {
    const nodes = NodeSet.all(config);
    const model = new MaskedModel({
      ...{ weights, means: meansFor(config), nodes, answers: ANSWERS, machines },
    });
    const [found] = await model.differences(promptsFor(config), [ones(nodes.count)]);
    await model.release();
    return found;
  };
  const first = await run();
  const machine = machines.take();
  machines.give(machine);
  expect(await run()).toEqual(first);
  expect(machines.take()).toBe(machine);
});

it('gives the same to the last bit however many threads compute', async () => {
  // Large enough for its work to be shared out.
  const { config, weights, means } = readBundle('models/bundles/python-sparse');
  const nodes = NodeSet.all(config);
  const found = await Promise.all(
    [1, 2, 3].map(async (threads) => {
      const machines = new Machines(threads);
      const model = new MaskedModel({
        ...{ weights, means, nodes, answers: ANSWERS, machines },
      });
      const prompts = promptsFor(config);
      const scale = { scale: 1, shift: 'centred' } as const;
      const { gradient } = await model.gradient(prompts, ones(nodes.count), scale);
      const [differences] = await model.differences(prompts, [ones(nodes.count)]);
      await model.release();
      await machines.release();
      return [...gradient, ...differences];
    }),
  );
  expect(found[1]).toEqual(found[0]);
  expect(found[2]).toEqual(found[0]);
});
