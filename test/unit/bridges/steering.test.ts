import { describe, expect, it } from 'vitest';
import { bridgeParameter } from '../../../models/bridges/parameters';
import {
  hasPlace,
  placeOfNode,
  readSite,
  residualAt,
  steeringChange,
  streamChanges,
  wholeChange,
  writeSite,
  type SeenModel,
} from '../../../models/bridges/steering';
import { everySite, type TransformerConfig } from '../../../models/transformer/config';
import { nodeName, parseNode } from '../../../models/transformer/nodes';
import { array, expectClose } from '../../support/arrays';
import { randomTokens, randomWeights, tinyConfig } from '../../support/models';
import { referenceForward } from '../../support/reference';

const config = tinyConfig({ activationFraction: everySite(1), positions: 0 });
const weights = randomWeights(config, 3);
const ids = randomTokens(config, 5, 6);

/** A model on the tokens, by the reference. */
function seen(model: TransformerConfig, own = weights, tokens = ids): SeenModel {
  const { sites } = referenceForward(model, own, tokens);
  const flat = [...sites].map(
    ([name, rows]) => [name, Float32Array.from(rows.flatMap((row) => [...row]))] as const,
  );
  return { config: model, weights: own, sites: new Map(flat), ids: Int32Array.from(tokens) };
}

describe('the residual stream of a trace', () => {
  it('is the reference’s, at every place', () => {
    const { residual } = referenceForward(config, weights, ids);
    const streams = residual.flatMap(({ afterAttention, afterMlp }) => [afterAttention, afterMlp]);
    for (const [i, rows] of streams.entries()) {
      const found = residualAt(seen(config), i + 1);
      const shape = [ids.length, config.dModel];
      const expected = array(
        shape,
        rows.flatMap((row) => [...row]),
      );
      expectClose(array(shape, found), expected, 1e-5, `place ${i + 1}`);
    }
  });

  it('begins with the embedding, and the positions that are added to it', () => {
    const added = tinyConfig({ positions: 16, positionsAre: 'added' });
    const own = randomWeights(added, 4);
    const found = residualAt(seen(added, own), 0);
    const [embed, positions] = ['embed.weight', 'positions.weight'].map((name) => own.get(name)!);
    expect(found[16 * 2 + 5]).toBeCloseTo(embed[16 * ids[2] + 5] + positions[16 * 2 + 5], 6);
  });
});

describe('a node that steers', () => {
  const node = (name: string) => parseNode(name, config);

  it('is read next where the stream that it changes is read', () => {
    const reads = (name: string) => readSite(placeOfNode(node(name), config));
    expect(reads('1.attn.act_in.3')).toBe('1.attn.act_in');
    expect(reads('0.mlp.act_in.3')).toBe('0.mlp.act_in');
    expect(reads('0.attn.resid_delta.3')).toBe('0.mlp.act_in');
    expect(reads('0.mlp.resid_delta.3')).toBe('1.attn.act_in');
    expect(reads('0.mlp.post_act.30')).toBe('1.attn.act_in');
  });

  it('is read where it was written last', () => {
    const places = Array.from({ length: 4 }, (_, i) => writeSite(i + 1));
    expect(places).toEqual([
      ...['0.attn.resid_delta', '0.mlp.resid_delta', '1.attn.resid_delta', '1.mlp.resid_delta'],
    ]);
    for (const write of places.slice(0, 3)) {
      expect(writeSite(placeOfNode(node(`${write}.3`), config))).toBe(write);
    }
  });

  it('is none of those that change no stream, are the token, or a stream that nothing reads any more', () => {
    const refused =
      (name: string, model = config) =>
      () =>
        placeOfNode(parseNode(name, model), model);
    for (const part of ['q', 'k', 'v']) {
      expect(refused(`0.attn.${part}.2`)).toThrow('does not steer the residual stream');
    }
    expect(refused('1.mlp.post_act.2')).toThrow('nothing reads the residual stream after');
    expect(refused('1.mlp.resid_delta.2')).toThrow('nothing reads');
    expect(refused('0.attn.act_in.3')).toThrow('0.attn.act_in.3 depends on its token alone');
    const beside = tinyConfig({ positions: 3 });
    expect(refused('0.attn.act_in.17', beside)).toThrow('reads a position');
    for (const name of ['0.attn.q.2', '1.mlp.post_act.2', '0.attn.act_in.3']) {
      expect(hasPlace(node(name), config)).toBe(false);
    }
    expect(hasPlace(node('0.mlp.post_act.2'), config)).toBe(true);
  });
});

describe('what a node’s change adds to the dense model’s residual stream', () => {
  const dense = tinyConfig({
    ...{ dModel: 12, heads: 3, dMlp: 20, activationFraction: everySite(1), positions: 0 },
  });
  const sparse = seen(config);
  const places = 4;
  const bridges = new Map(
    Array.from({ length: places }, (_, place) => [
      bridgeParameter(place, 'decoder', 'weight'),
      Float32Array.from({ length: 16 * 12 }, (__, i) => Math.sin(1 + i + 100 * place)),
    ]),
  );
  const change = Float32Array.from(ids, (_, pos) => (pos === 3 ? 0 : 0.5 + pos));

  /** The same with loops over one position: stream change, decoder. */
  function expected(name: string, pos: number): number[] {
    const { layer, site, index } = parseNode(name, config);
    const place = placeOfNode(parseNode(name, config), config);
    const scaleOf = (model: SeenModel) => {
      const { dModel } = model.config;
      const row = residualAt(model, place).subarray(pos * dModel, (pos + 1) * dModel);
      const rms = Math.sqrt(row.reduce((sum, x) => sum + x * x, 0) / dModel + 1e-5);
      const part = place % 2 === 0 ? 'attn' : 'mlp';
      const gain = model.weights.get(`layers.${place >> 1}.${part}.norm.gain`)!;
      return Array.from(gain, (g) => g / rms);
    };
    const stream = new Array<number>(16).fill(0);
    if (site === 'mlp.post_act') {
      const out = weights.get(`layers.${layer}.mlp.out.weight`)!;
      for (let c = 0; c < 16; c++) stream[c] = change[pos] * out[index * 16 + c];
    } else {
      stream[index] = change[pos] / (site.endsWith('act_in') ? scaleOf(sparse)[index] : 1);
    }
    const decoder = bridges.get(bridgeParameter(place, 'decoder', 'weight'))!;
    return Array.from({ length: 12 }, (_, c) =>
      stream.reduce((sum, x, i) => sum + x * decoder[i * 12 + c], 0),
    );
  }

  it.each(['1.attn.act_in.3', '0.mlp.act_in.9', '0.attn.resid_delta.1', '0.mlp.post_act.30'])(
    'is its change of the stream over the decoder: %s',
    (name) => {
      const parsed = parseNode(name, config);
      expect(nodeName(parsed)).toBe(name);
      const found = steeringChange(sparse, dense, bridges, parsed, change);
      expect(found.place).toBe(placeOfNode(parsed, config));
      for (const pos of ids.keys()) {
        const row = found.change.subarray(pos * 12, (pos + 1) * 12);
        expectClose(array([12], row), array([12], expected(name, pos)), 1e-5, `token ${pos}`);
      }
    },
  );

  it('is for the whole stream its difference over the decoder, place by place', () => {
    const counterfactual = seen(config, weights, randomTokens(config, 6, 6));
    for (const place of [1, 2, 3]) {
      const found = wholeChange(sparse, counterfactual, dense, bridges, place);
      const decoder = bridges.get(bridgeParameter(place, 'decoder', 'weight'))!;
      const [own, other] = [sparse, counterfactual].map((model) => residualAt(model, place));
      for (const pos of ids.keys()) {
        const expectedRow = Array.from({ length: 12 }, (_, c) => {
          let sum = 0;
          for (let i = 0; i < 16; i++) {
            sum += (other[pos * 16 + i] - own[pos * 16 + i]) * decoder[i * 12 + c];
          }
          return sum;
        });
        const row = found.change.subarray(pos * 12, (pos + 1) * 12);
        expectClose(
          array([12], row),
          array([12], expectedRow),
          1e-4,
          `place ${place} token ${pos}`,
        );
      }
    }
  });
});

describe('a change of every read', () => {
  it('sets a read to what it is with the change, over an identity between equal models but for the norm', () => {
    const places = 4;
    const identity = new Map(
      Array.from({ length: places }, (_, place) => [
        bridgeParameter(place, 'decoder', 'weight'),
        Float32Array.from({ length: 16 * 16 }, (__, i) => (i % 17 === 0 ? 1 : 0)),
      ]),
    );
    const model = seen(config);
    const counterfactual = seen(config, weights, randomTokens(config, 6, 6));
    const changes = streamChanges(model, counterfactual, model, identity);
    expect(changes.map(({ site }) => site)).toEqual(
      Array.from({ length: places }, (_, i) => readSite(i)),
    );
    const rms = (stream: Float32Array, pos: number) => {
      const row = stream.subarray(pos * 16, (pos + 1) * 16);
      return Math.sqrt(row.reduce((sum, x) => sum + x * x, 0) / 16 + 1e-5);
    };
    for (const [place, { site, change }] of changes.entries()) {
      const [own, other] = [model, counterfactual].map((each) => residualAt(each, place));
      for (const pos of ids.keys()) {
        // The other read in units of this one's norm.
        const ratio = rms(other, pos) / rms(own, pos);
        for (let c = 0; c < 16; c++) {
          const at = pos * 16 + c;
          const expectedChange =
            counterfactual.sites.get(site)![at] * ratio - model.sites.get(site)![at];
          expect(change[at]).toBeCloseTo(expectedChange, 4);
        }
      }
    }
  });
});
