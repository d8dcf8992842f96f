/** Sentences on a prediction: each number is one that was measured, and nothing is named that is not there. */
import { describe, expect, it } from 'vitest';
import type {
  CircuitEdge,
  CircuitNode,
  TokenCircuit,
} from '../../../models/circuits/token/circuit';
import { tellPrediction, type ToldPrediction } from '../../../models/labels/explain/prediction';
import { knownOf, rendered, say, type NodeMention } from '../../../models/labels/explain/sentence';
import { tinyConfig } from '../../support/models';

const texts = ['<|endoftext|>', 'def', ' f', '(', ')', ':', ','];
const node = (name: string, token: number, effect: number | null, activation = 2): CircuitNode => {
  return { node: name, token, activation, effect, estimate: 0 };
};
const edge = (rest: Partial<CircuitEdge>): CircuitEdge => ({
  ...{ kind: 'weight', from: 'embed', fromToken: 3, to: 'logit.5', toToken: 3 },
  ...{ weight: 1, contribution: 1, ...rest },
});

/** After the text `def f()` with its tokens 0 to 3; the target is `:`. */
function told(change: Partial<TokenCircuit> = {}): ToldPrediction {
  const circuit: TokenCircuit = {
    ...{ bundle: 'a', position: 3, window: { start: -1, end: 4 } },
    target: { id: 5, contrast: null },
    value: Math.log(0.9),
    nodes: [
      node('1.mlp.post_act.3', 3, -1.5),
      node('1.attn.resid_delta.2', 3, -0.75, -2),
      node('1.attn.v.1', 0, -0.05),
      node('0.mlp.post_act.4', 1, 0.4),
    ],
    edges: [
      edge({ from: 'bigram', contribution: -0.625 }),
      edge({ from: '0.mlp.post_act.4', fromToken: 1, to: '1.mlp.post_act.3', contribution: -9 }),
      edge({ from: '1.attn.resid_delta.2', to: '1.mlp.post_act.3', contribution: 1.25 }),
      edge({ kind: 'key', from: '1.attn.v.1', to: '1.mlp.post_act.3', contribution: 7 }),
      edge({ kind: 'attention', from: '1.attn.v.1', fromToken: 0, to: '1.attn.resid_delta.2', contribution: -1.75 }), // prettier-ignore
    ],
    inputs: [],
    outputs: [{ id: 5, node: 'logit.5', logprob: Math.log(0.9) }],
    hidden: { nodes: 90, measured: 6 },
    ...change,
  };
  const logprobs = new Float32Array(7).fill(Math.log(0.001));
  logprobs[5] = Math.log(0.9);
  logprobs[6] = Math.log(0.08);
  return {
    ...{ config: tinyConfig(), circuit, logprobs },
    tokenOf: (id) => ({ code: texts[id] }),
    tokenAt: (token) => ({ code: texts[token + 1] }),
    labelOf: (name, activation) =>
      name === '1.attn.resid_delta.2' && activation < 0 ? 'inside ( )' : null,
    aboutOf: (name, activation) =>
      name === '1.attn.v.1' && activation > 0 ? say('→ {0}', { code: texts[5] }) : null,
    attentionAt: () => Float64Array.of(0.03, 0, 0.8, 0.05, 0.05, 0.07),
  };
}

const rendering = {
  words: (text: string) => text,
  code: (text: string) => `‘${text}’`,
  node: (mention: NodeMention): string =>
    `${mention.text} (${rendered([knownOf(mention) ?? 'no label'], rendering)})`,
};
const plain = (one: ToldPrediction) =>
  tellPrediction(one).map((sentence) => rendered(sentence, rendering));

describe('the sentences on a prediction', () => {
  it('say how likely it is, what it rests on, where that comes from, and what speaks against it', () => {
    expect(plain(told())).toEqual([
      'After ‘)’ the model gives ‘:’ 90.0 % (−0.11 nats), its top prediction; ‘,’ gets 8.0 % and ‘<|endoftext|>’ gets 0.1 %.',
      'The bigram table, which sees only ‘)’, lowers its logit by 0.63 nats relative to the mean of all tokens.',
      'Of 10 nodes ablated one at a time, not counting sinks and slopes of heads, 3 change it by 0.1 nats or more; it depends most on L1 MLP neuron 3 (no label) (−1.50 nats without it), L1 attention write 2 (inside ( )) (−0.75 nats without it) and L1 head 0 · V channel 1 (→ ‘:’) at ‘def’ (−0.050 nats without it).',
      'L1 MLP neuron 3 (no label) is +2.00 there, driven most within the circuit by L1 attention write 2 (inside ( )) (+1.25).',
      'Head 0 of layer 1 attends to ‘def’ 3 tokens back, with 80.0 % of its attention, 3.0 % to its sink, and moves L1 head 0 · V channel 1 (→ ‘:’) into L1 attention write 2 (inside ( )) (−1.75).',
      'Of these, L0 MLP neuron 4 (no label) at ‘ f’ opposes it most: without it the log-probability rises by 0.40 nats.',
    ]);
  });

  it('are fewer where there is less: no table, no node, nothing against it', () => {
    const sentences = plain(told({ nodes: [], edges: [], hidden: { nodes: 0, measured: 5 } }));
    expect(sentences).toHaveLength(3);
    // Of 90 %, 8 % and 0.1 % five times.
    expect(sentences[1]).toBe(
      'The prediction has an entropy of 0.33 nats: as uncertain as a uniform choice among 1.4 tokens.',
    );
    expect(sentences[2]).toBe(
      'Of 5 nodes ablated one at a time, not counting sinks and slopes of heads, 0 change it by 0.1 nats or more, and it depends on none of them.',
    );
  });

  it('leave sinks and slopes out only where heads have them', () => {
    const plainHeads = { ...told(), config: { ...tinyConfig(), sinks: false, recency: false } };
    expect(plain(plainHeads).join(' ')).toContain('ablated one at a time, 3 change it');
    expect(plain(plainHeads).join(' ')).not.toContain('sink');
  });

  it('name estimates nowhere: nodes that were not measured are not spoken of', () => {
    const sentences = plain(told({ nodes: [node('1.mlp.post_act.3', 3, null)], edges: [] }));
    expect(sentences.join(' ')).not.toContain('MLP neuron 3');
  });

  it('of one token against another say what lies between them', () => {
    const [first] = plain(told({ target: { id: 5, contrast: 6 }, value: 2.42 }));
    expect(first).toBe(
      'After ‘)’ the model gives ‘:’ 90.0 % and ‘,’ 8.0 %, a difference of +2.42 nats.',
    );
  });

  it('say which choice the token is that the text has', () => {
    expect(plain(told({ target: { id: 6, contrast: null }, value: Math.log(0.08) }))[0]).toContain(
      '‘,’ 8.0 % (−2.53 nats), rank 2; ‘:’ gets 90.0 %',
    );
  });

  it('speak of the start of the text where there is no token', () => {
    expect(plain(told({ position: -1 }))[0]).toMatch(/^At the start of the text the model gives/);
  });
});
