/** Labels the other way, and labels as their file has them. */
import { describe, expect, it } from 'vitest';
import {
  decodeLabels,
  encodeLabels,
  type Label,
  type Labels,
} from '../../../models/bundles/labels';
import { conceptCounts, nodesOfConcept } from '../../../models/labels/byConcept';
import { tinyConfig } from '../../support/models';

const label = (terms: number[], correlation: number, causal: Label['causal'] = null): Label => ({
  ...{
    terms,
    threshold: 0.5,
    correlation,
    auroc: 0.9,
    f1: 0.7,
    precision: 0.8,
    recall: 0.6,
    strongest: 0.9,
  },
  ...{ tokenOnly: 0.35, causal },
});
const labels: Labels = {
  ...{ format: 2, text: { windows: 2, context: 12, seed: 1, files: 1 }, ablations: 1 },
  accepted: { correlation: 0.3, tried: 9, chance: { tried: 3, accepted: 0 } },
  concepts: ['a name', 'inside [ ]', 'comma'],
  nodes: {
    '0.attn.q.1': { positive: label([2], 0.4), negative: label([1], 0.5) },
    '0.attn.q.2': { positive: label([2, -1], 0.9) },
    '1.mlp.post_act.3': {
      negative: label([2], 0.6, {
        loss: { where: 0, elsewhere: 0.1, standardError: 0.02 },
        prediction: { where: 0.3, elsewhere: 0.1, standardError: 0.02 },
      }),
    },
  },
};

describe('a concept', () => {
  it('has its nodes, those whose label it is alone first, the best before', () => {
    const found = nodesOfConcept(labels, 'inside [ ]');
    expect(found.map(({ node, sign, causal }) => [node, sign, causal])).toEqual([
      ['1.mlp.post_act.3', 'negative', true],
      ['0.attn.q.1', 'positive', false],
      ['0.attn.q.2', 'positive', false],
    ]);
    expect(nodesOfConcept(labels, 'comma')).toEqual([]);
    expect(() => nodesOfConcept(labels, 'nonsense')).toThrow(
      'there is no concept "nonsense"; see circuitscope concepts',
    );
    expect(() => nodesOfConcept(labels, 'Inside')).toThrow(
      'there is no concept "Inside"; there are "inside [ ]"',
    );
  });

  it('is counted alone and with others', () => {
    const described = [{ name: 'comma', description: 'The token is a comma.' }];
    expect(conceptCounts(labels, described)).toEqual([
      { concept: 'inside [ ]', description: '', alone: 2, others: 1 },
      { concept: 'a name', description: '', alone: 1, others: 1 },
      { concept: 'comma', description: 'The token is a comma.', alone: 0, others: 0 },
    ]);
  });
});

describe('the file', () => {
  const config = tinyConfig();

  it('keeps every label, a row each', () => {
    const bytes = encodeLabels(config, labels);
    expect(decodeLabels(config, bytes, 'labels.json')).toEqual(labels);
    expect(bytes.length).toBeLessThan(750);
  });

  it('of an earlier version is none: the bundle is good without it', () => {
    const text = new TextDecoder().decode(encodeLabels(config, labels));
    const earlier = text.replace('"format":2', '"format":1');
    expect(decodeLabels(config, new TextEncoder().encode(earlier), 'labels.json')).toBeNull();
    const later = text.replace('"format":2', '"format":3');
    expect(() => decodeLabels(config, new TextEncoder().encode(later), 'labels.json')).toThrow(
      /labels\.json, format/,
    );
  });

  it('is refused with a share beyond 1, a node that the model has not, a concept without a name', () => {
    const text = new TextDecoder().decode(encodeLabels(config, labels));
    for (const [from, to] of [
      ['0.9,0.7', '1.9,0.7'],
      ['0.attn.q.1', '7.attn.q.1'],
      ['[2,-1]', '[2,-9]'],
    ]) {
      const bytes = new TextEncoder().encode(text.replace(from, to));
      expect(() => decodeLabels(config, bytes, 'labels.json'), to).toThrow(/labels\.json/);
    }
  });
});
