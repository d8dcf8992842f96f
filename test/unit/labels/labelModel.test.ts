/** Labels of a whole model, site by site: what is kept is not found again, and ablation comes after it. */
import { beforeAll, expect, it } from 'vitest';
import { labelsOfNode, labelText } from '../../../models/bundles/labels';
import { CONCEPTS } from '../../../models/labels/concepts';
import { labelModel, type SiteLabels } from '../../../models/labels/label';
import { NodeSearch } from '../../../models/labels/nodeSearch';
import { sampleWindows, type Sample } from '../../../models/labels/sample';
import { falseDiscovery, labelShares } from '../../../models/labels/shares';
import { Rng } from '../../../models/random';
import type { Pass } from '../../../models/inference/model';
import { PythonParser } from '../../../models/syntax/parser';
import { Tokenizer } from '../../../models/tokenizer/tokenizer';
import { generateProgram } from '../../../models/training/idioms';
import { LOGPROBS } from '../../../models/transformer/graphs';
import { activationSites } from '../../../models/transformer/nodes';
import { randomMeans, randomWeights, tinyConfig } from '../../support/models';

const CONTEXT = 64;
const config = tinyConfig({ context: CONTEXT, layers: 1, vocab: 2048 });
const means = randomMeans(config, 1);
let sample: Sample;
beforeAll(async () => {
  const parser = await PythonParser.load();
  const texts = Array.from({ length: 20 }, (_, i) => generateProgram(new Rng('labels', i)));
  const tokenizer = Tokenizer.load('models/bundles/python-sparse/tokenizer.json');
  sample = sampleWindows(texts.map((text) => text.repeat(4)), tokenizer, parser, {
    ...{ windows: 40, context: CONTEXT, seed: 1 },
  }); // prettier-ignore
  await parser.release();
});

/** Node 1 of every site is active where a concept holds, all others at random. */
function fakeModel() {
  const concept = CONCEPTS.findIndex(({ name }) => name === 'inside ( )');
  const asked: string[] = [];
  const windowAt = (tokens: Int32Array) => {
    for (let window = 0; window < sample.windows; window++) {
      const own = sample.tokens.subarray(window * CONTEXT, (window + 1) * CONTEXT);
      if (own.every((id, i) => id === tokens[i])) return window;
    }
    throw new Error('no window has these tokens');
  };
  const run = ({ batch, tokens, outputs, edits }: Pass) => {
    const out = new Map<string, Float32Array>();
    for (const name of outputs) {
      asked.push(name);
      if (name === LOGPROBS) {
        // The model is a little worse where something is ablated.
        const logprobs = new Float32Array(batch * (CONTEXT - 1) * config.vocab).fill(-1);
        if (edits.size > 0) logprobs.fill(-1.25, (CONTEXT - 1) * config.vocab);
        out.set(name, logprobs);
        continue;
      }
      const width = means.get(name)!.length;
      const data = new Float32Array(batch * CONTEXT * width);
      for (let row = 0; row < batch; row++) {
        const window = windowAt(tokens.subarray(row * CONTEXT, (row + 1) * CONTEXT));
        const rng = new Rng(name, window);
        for (let i = 0; i < CONTEXT * width; i++) data[row * CONTEXT * width + i] = rng.normal();
        for (let at = 0; at < CONTEXT; at++) {
          const place = concept * sample.table.positions + window * CONTEXT + at;
          data[(row * CONTEXT + at) * width + 1] = sample.table.holds[place] === 1 ? 2 : -0.5;
        }
      }
      out.set(name, data);
    }
    return Promise.resolve(out);
  };
  return { run, asked };
}

const label = (sites: Map<string, SiteLabels>, model: ReturnType<typeof fakeModel>, ablations: number) =>
  labelModel({
    ...{ model, config, means, sample, sites, ablations, files: 20, seed: 1 },
    ...{ searchers: [new NodeSearch(sample), new NodeSearch(sample)] },
    ...{ onSite: () => undefined, onProgress: () => undefined },
  }); // prettier-ignore

it('finds what nodes tell and nothing for noise, then ablates, and finds nothing twice', async () => {
  const sites = new Map<string, SiteLabels>();
  const first = await label(sites, fakeModel(), 0);
  expect(Object.keys(first.nodes)).toEqual(activationSites(config).map(({ name }) => `${name}.1`));
  const { positive } = first.nodes['0.attn.q.1'];
  expect(labelText(first, positive!)).toBe('inside ( )');
  expect(labelsOfNode(first.nodes['0.attn.q.1']).map(({ causal }) => causal)).toEqual([null, null]);
  expect(first.ablations).toBe(0);
  // Of text that is not theirs nothing is accepted, although every eighth node was tried.
  expect(first.accepted.chance.accepted).toBe(0);
  expect(first.accepted.chance.tried).toBeGreaterThan(20);
  expect(falseDiscovery(first)).toBe(0);

  const moved = Number((config.vocab * Math.exp(-1) * 0.25).toPrecision(3));
  const again = fakeModel();
  const second = await label(sites, again, 1);
  expect(new Set(again.asked)).toEqual(new Set([LOGPROBS]));
  expect(second.nodes['0.attn.q.1'].positive).toEqual({
    ...positive,
    causal: {
      loss: { where: 0.25, elsewhere: 0.25, standardError: 0 },
      // As far as these log-probabilities are any: each of the vocabulary falls by as much.
      prediction: { where: moved, elsewhere: moved, standardError: 0 },
    },
  });
  expect(second.ablations).toBe(1);

  const third = fakeModel();
  expect(await label(sites, third, 1)).toEqual(second);
  expect(third.asked).toEqual([]);
});

it('is counted by nodes, by what ablation confirms, and by weights between labelled nodes', async () => {
  const sites = new Map<string, SiteLabels>();
  const labels = await label(sites, fakeModel(), 1);
  const weights = randomWeights(config, 1, 1);
  const shares = labelShares({ config, weights }, labels);
  expect(shares.nodes.some).toBe(8);
  // Elsewhere the loss rises as much: nothing is confirmed.
  expect(shares.confirmed).toEqual({ some: 0, all: 16 });
  expect(shares.raisesLoss).toEqual({ some: 0, all: 16 });
  // Each of the six matrices joins one labelled node to one.
  expect(shares.weights.some).toBe(6);
  expect(falseDiscovery({ ...labels, accepted: { ...labels.accepted, tried: 100, chance: { tried: 50, accepted: 4 } } })).toBeCloseTo(0.5); // prettier-ignore
});
