/** The proof passes the known circuit and fails others. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Circuit } from '../../../models/circuits/circuitFile';
import { findCircuit } from '../../../models/circuits/findCircuit';
import { ModelEdges } from '../../../models/circuits/edges';
import { NodeSet } from '../../../models/circuits/nodeSet';
import { DEFAULT_SETTINGS, DEFAULT_VERIFY } from '../../../models/circuits/defaults';
import { verify, type Proof } from '../../../models/circuits/verify/verify';
import { randomNodes, shuffleLabels } from '../../../models/circuits/verify/controls';
import { Rng } from '../../../models/random';
import { KNOWN_NODES } from '../../support/knownCircuit';
import { knownBundle, knownModel, knownPairs } from './known';

let circuit: Circuit;
beforeAll(async () => {
  circuit = await findCircuit(knownModel, knownPairs, {
    settings: { ...DEFAULT_SETTINGS, runs: 1, steps: 60, seconds: 500 },
    ablation: 'mean',
    trainPairs: 16,
  });
});

const prove = (change: Partial<Circuit> = {}): Promise<Proof> =>
  verify(knownModel, { ...circuit, ...change }, knownPairs, {
    ...DEFAULT_VERIFY,
    pairs: 12,
    seconds: 500,
  });
const withNodes = (nodes: string[]) => ({
  nodes,
  edges: new ModelEdges(knownBundle).edgesBetween(nodes),
});

describe('the proof', () => {
  it('passes the circuit that decides', async () => {
    const proof = await prove();
    expect(proof).toMatchObject({ nodes: 3, edges: 2, target: 0.15, unseen: true, passes: true });
    expect(proof.loss.circuit).toBeLessThanOrEqual(0.15);
    expect(proof.loss.full).toBeLessThan(0.15);
    for (const name of ['removed', 'random', 'shuffled_labels', 'random_model'] as const) {
      expect(proof.loss[name], name).toBeGreaterThan(0.5);
    }
    expect(proof.empty).toBeGreaterThan(0.5);
    expect(proof.interchange).toBe(1);
    expect(proof.verdict).toMatch(/sufficient and necessary/);
  });

  it('fails random nodes', async () => {
    const nodes = ['0.attn.act_in.4', '0.attn.v.0', '0.mlp.post_act.2'];
    const proof = await prove(withNodes(nodes));
    expect(proof).toMatchObject({ passes: false, sufficient: false, necessary: false });
    expect(proof.interchange).toBe(0);
    expect(proof.verdict).toMatch(/FAILS: it is not sufficient.*not necessary/);
  });

  it('fails a circuit that lacks a node', async () => {
    const proof = await prove(withNodes(KNOWN_NODES.slice(0, 2)));
    expect(proof).toMatchObject({ passes: false, sufficient: false });
  });
});

describe('controls', () => {
  it('draw as many random nodes at every site', () => {
    const nodes = NodeSet.named(knownBundle.config, KNOWN_NODES);
    const found = randomNodes(nodes, new Rng('nodes'));
    expect(found.sites.map(({ site, indices }) => [site, indices.length])).toEqual(
      nodes.sites.map(({ site, indices }) => [site, indices.length]),
    );
    expect(randomNodes(nodes, new Rng('nodes')).names()).toEqual(found.names());
  });

  it('swap the labels of whole pairs, about half of them', () => {
    const prompts = knownModel.prompts(knownPairs, 1, 100, 'train');
    const shuffled = shuffleLabels(prompts, new Rng('labels'));
    const changed = shuffled.filter(({ sign }, i) => sign !== prompts[i].sign);
    expect(changed.length).toBeGreaterThan(60);
    expect(changed.length).toBeLessThan(140);
    for (let i = 0; i < shuffled.length; i += 2) {
      expect(shuffled[i].sign).toBe(-shuffled[i + 1].sign);
    }
  });
});
