/** What a stress run says of a model whose answers are known. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Pass } from '../../../models/inference/model';
import { families } from '../../../models/stress/families';
import { stressFigure } from '../../../models/stress/figure';
import type { Prediction } from '../../../models/stress/predictions';
import { correlation, stress, thresholdOf } from '../../../models/stress/run';
import { PythonParser } from '../../../models/syntax/parser';
import { Tokenizer } from '../../../models/tokenizer/tokenizer';
import { LOGPROBS } from '../../../models/transformer/graphs';
import { readBundle } from '../../../models/bundles/bundle';

const { config, tokenizerJson } = readBundle(join('models', 'bundles', 'python-sparse'));
const tokenizer = Tokenizer.fromJson(tokenizerJson);
const family = families.find(({ name }) => name === 'brackets_in_comment')!;
const [right, wrong, bracket] = [']', ']]', ' ['].map((text) => tokenizer.encodeIds(text)[0]);
const NODE = '2.mlp.post_act.5';
const SITE = '2.mlp.post_act';

/** Says ]] from four brackets on, and has the count of brackets up to a place as the node's activation. */
const counting = {
  run({ batch, tokens, read, outputs }: Pass): Promise<Map<string, Float32Array>> {
    expect(outputs).toEqual([LOGPROBS, SITE]);
    const length = tokens.length / batch;
    const count = (row: number, at: number) => {
      const own = tokens.subarray(row * length, row * length + at + 1);
      // The list's own bracket is not one of them.
      return own.filter((id) => id === bracket).length - 1;
    };
    const logprobs = new Float32Array(batch * read.length * config.vocab);
    const site = new Float32Array(batch * length * config.dMlp);
    for (let row = 0; row < batch; row++) {
      read.forEach((at, i) => {
        const from = (row * read.length + i) * config.vocab;
        logprobs[from + right] = -1;
        logprobs[from + wrong] = -1 + (count(row, at) - 3.5);
      });
      for (let at = 0; at < length; at++) {
        site[(row * length + at) * config.dMlp + 5] = count(row, at);
      }
    }
    return Promise.resolve(new Map([[LOGPROBS, logprobs], [SITE, site]])); // prettier-ignore
  },
};

const prediction: Prediction = {
  ...{ family, node: NODE, threshold: 2, because: 'it counts' },
  answers: [0, 1, 3, 5].map((parameter) => ({ parameter, answer: parameter > 2 ? ']]' : ']' })),
};
const options = {
  ...{ model: counting, config, tokenizer, parser: await PythonParser.load() },
  ...{ prompts: 23, seed: 1, onProgress: () => undefined },
};

it('measures threshold, share and correlation of a model that counts', async () => {
  const result = await stress(prediction, options);
  expect(result.prompts).toBe(92);
  expect(result.points.map((point) => point.right)).toEqual([1, 1, 1, 0]);
  expect(result.points.map((point) => point.answered)).toEqual([']', ']', ']', ']]']);
  expect(result.points.map((point) => point.activation)).toEqual([0, 1, 3, 5]);
  expect(result.points[3].margin).toBeCloseTo(-1.5, 5);
  // Half way between three and five, where two was predicted.
  expect(result.threshold).toEqual({ predicted: 2, measured: 4 });
  // Wrongly foretold at three.
  expect(result.held).toBe(0.75);
  // The rule reads the list's own bracket, so it is right and not what this model says at five.
  expect(result.rule).toEqual({ prompts: 92, rule: 0.75, truth: 0.75, errors: 0 });
  expect(result.correlation.margin).toBeCloseTo(-1, 5);
  const errors = correlation([0, 1, 3, 5], [0, 0, 0, 1]);
  expect(result.correlation.error).toBeCloseTo(errors!, 5);
});

it('draws what was right and what was predicted', async () => {
  const result = await stress(prediction, options);
  const svg = stressFigure([result]);
  expect(svg.match(/<path class="blue path"/g)).toHaveLength(1);
  expect(svg.match(/<circle class="blue ring"/g)).toHaveLength(4);
  // Its point in the legend, and four.
  expect(svg.match(/<circle class="blue" /g)).toHaveLength(5);
  expect(svg).toContain('brackets in comment, 5: 0');
});

it.each([
  [[1, 0.9, 0.6], null],
  [[1, 0.75, 0.25], 1.5],
  [[0.5, 1, 1], 0],
  [[1, 0, 1], 0.5],
])('finds where %j falls to one half', (shares, threshold) => {
  expect(thresholdOf(shares.map((right, parameter) => ({ parameter, right })))).toBe(threshold);
});

it('has no correlation with what never varies', () => {
  expect(correlation([1, 2, 3], [0, 0, 0])).toBeNull();
  expect(correlation([1, 2, 3], [3, 2, 1])).toBe(-1);
});
