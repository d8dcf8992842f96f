/** A task that hangs on a head's sink and slope: both are nodes, found and counted like all others. */
import { Machines } from '../../../models/sparse/machines';
import { expect, it, vi } from 'vitest';
import { strictLoss } from '../../../models/circuits/search/calibration';
import { DEFAULT_SETTINGS } from '../../../models/circuits/defaults';
import { answersOf } from '../../../models/circuits/search/model';
import { NodeSet } from '../../../models/transformer/nodeSet';
import { search } from '../../../models/circuits/search/search';
import { Rng } from '../../../models/random';
import { MaskedModel } from '../../../models/inference/maskedModel';
import type { Prompt } from '../../../models/tasks/prompts';
import { everySite, siteWidth, type TransformerConfig } from '../../../models/transformer/config';
import { withHeadMeans } from '../../../models/transformer/means';
import { activationSites } from '../../../models/transformer/nodes';
import { parameterSpecs, sizeOf, type Weights } from '../../../models/transformer/parameters';
import { knownModel } from './known';

vi.setConfig({ testTimeout: 240_000 });

const config: TransformerConfig = {
  ...{ layers: 1, dModel: 4, heads: 2, dHead: 2, dMlp: 3, vocab: 8, context: 24 },
  ...{ activationFraction: everySite(1), norm: 'none', activation: 'relu', biases: false },
  ...{ sinks: true, recency: true, bigram: 'none', tiedEmbeddings: false, positions: 0 },
};
const [NONE, LEFT, RIGHT] = [7, 1, 2];
const [FIRST, SECOND] = [5, 6];
/** What does it: the later of the two causes is read, since the slope makes a head look at what is near. */
const PATH = ['0.attn.act_in.0', '0.attn.v.0', '0.attn.sink.0', '0.attn.recency.0', '0.attn.resid_delta.2']; // prettier-ignore
/** What every key is; times a query of 1 and divided by √dHead that is 6 nats. */
const KEY = -6 * Math.SQRT2;
const weights = weightsOf();
const means = meansOf();
const prompts = { masks: promptsOf('masks', 16), selection: promptsOf('selection', 12) };

function weightsOf(): Weights {
  const found: Weights = new Map(
    parameterSpecs(config).map(({ name, shape }) => [name, new Float32Array(sizeOf(shape))]),
  );
  const { dModel, vocab } = config;
  found.get('embed.weight')![LEFT * dModel] = 1;
  found.get('embed.weight')![RIGHT * dModel] = -1;
  found.get('layers.0.attn.v.weight')![0] = 2;
  found.get('layers.0.attn.out.weight')![2] = 16;
  // All keys alike are 6 nats below a sink at 0.
  for (let token = 0; token < vocab; token++) found.get('embed.weight')![token * dModel + 3] = 1;
  found.get('layers.0.attn.q.weight')![3 * dModel] = 1;
  found.get('layers.0.attn.k.weight')![3 * dModel] = KEY;
  // Half a nat a token, in both heads.
  found.get('layers.0.attn.recency')!.fill(8);
  found.get('layers.0.attn.sink')!.fill(-40);
  found.get('unembed.weight')![2 * vocab + FIRST] = 2;
  found.get('unembed.weight')![2 * vocab + SECOND] = -2;
  return found;
}

/** What is the same at every token is at its mean; all else is at 0. */
function meansOf(): Map<string, Float32Array> {
  const found = new Map(
    activationSites(config).map(({ name, site }) => [
      name,
      new Float32Array(siteWidth(config, site)),
    ]),
  );
  found.get('0.attn.act_in')![3] = 1;
  found.get('0.mlp.act_in')![3] = 1;
  found.get('0.attn.q')![0] = 1;
  found.get('0.attn.k')![0] = KEY;
  return withHeadMeans(config, found);
}

/** Pairs of prompts with both causes, in either order. */
function promptsOf(seed: string, pairs: number): Prompt[] {
  const rng = new Rng('two causes', seed);
  return Array.from({ length: pairs }, () => {
    const gaps = [1 + rng.int(3), 1 + rng.int(4), 1 + rng.int(3)];
    const fill = (gap: number) => Array<number>(gaps[gap]).fill(NONE);
    const side = (early: number, late: number, sign: 1 | -1): Prompt => ({
      tokens: Int32Array.of(...fill(0), early, ...fill(1), late, ...fill(2)),
      ...{ first: FIRST, second: SECOND, sign },
    });
    return [side(RIGHT, LEFT, 1), side(LEFT, RIGHT, -1)];
  }).flat();
}

async function lossOf(names: readonly string[]): Promise<number> {
  const nodes = NodeSet.named(config, names);
  const answers = answersOf(prompts.selection);
  const model = new MaskedModel({
    ...{ weights, means, nodes, answers, machines: new Machines(1) },
    beforeRun: () => Promise.resolve(),
  });
  try {
    const open = new Float32Array(nodes.count).fill(1);
    const [differences] = await model.differences(prompts.selection, [open]);
    return strictLoss(differences, prompts.selection.map(({ sign }) => sign)); // prettier-ignore
  } finally {
    await model.release();
  }
}

it('are closed to 0: attention is then flat, and its sink like any key', async () => {
  expect(await lossOf(PATH)).toBeLessThan(0.05);
  // The causes weigh the same in either order, which is chance.
  const flat = PATH.filter((node) => !node.includes('recency'));
  expect(await lossOf(flat)).toBeCloseTo(Math.LN2, 3);
  // The sink takes nearly all that the causes would get.
  expect(await lossOf(PATH.filter((node) => !node.includes('sink')))).toBeGreaterThan(0.4);
});

it('are in the core of a search, and those of a head that does nothing are not', async () => {
  const found = await search(
    { config, weights, means },
    prompts,
    { settings: { ...DEFAULT_SETTINGS, steps: 80, seconds: 200 }, goal: 0.1 },
    knownModel.control,
  );
  expect(found.found!.core.names()).toEqual(NodeSet.named(config, PATH).names());
});
