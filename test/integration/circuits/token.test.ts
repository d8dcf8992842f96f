/** Circuits of predictions: effects that are measured, nodes that cannot matter, limits. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { circuit, type CircuitRequest } from '../../../models/runtime/circuit';
import { Engine, type Control } from '../../../models/inference/engine';
import type { Intervention } from '../../../models/inference/interventions';
import { trace } from '../../../models/inference/trace';
import { weight } from '../../../models/runtime/weight';
import { everySite, siteWidth } from '../../../models/transformer/config';
import { bundleIn, randomParts, temporaryFolder, vocabConfig } from '../runtime/bundles';

/** Every channel active, so that a small change is nearly linear: AbsTopK switches channels at once. */
const config = vocabConfig({ activationFraction: everySite(1) });
const parts = randomParts(config);
/** A neuron that writes to nothing. */
const DEAF = '1.mlp.post_act.4';
parts.weights.get('layers.1.mlp.out.weight')!.fill(0, 4 * config.dModel, 5 * config.dModel);
const text = 'def add(a, b):\n    return a + b\n\n\nfor i in range(9):\n    add(i, 2)\n';
const folder = temporaryFolder();
const control: Control = { progress: () => undefined, pause: () => Promise.resolve() };
let engine: Engine;
const request: CircuitRequest = {
  ...{ text, position: { token: 15 }, ablation: { kind: 'mean' }, interventions: [] },
  ...{ measure: 100_000, top: 100_000, threshold: 0 },
};

beforeAll(async () => {
  engine = await Engine.open(bundleIn(folder.dir, parts), 1);
});
afterAll(async () => {
  await engine.model.release();
  folder.remove();
});

const logprobs = async (node?: { node: string; token: number }) => {
  const interventions = node
    ? [{ nodes: [node.node], positions: { at: node.token }, kind: { kind: 'mean' } as const }]
    : [];
  const at = { text, position: request.position, interventions, whole: false };
  return (await trace(engine, at)).logprobs;
};

describe('the circuit of a prediction', () => {
  it('has effects that equal those of single traces, at earlier tokens too', async () => {
    const { nodes, target, value } = await circuit(engine, { ...request, contrast: 5 }, control);
    const before = await logprobs();
    expect(target.contrast).toBe(5);
    expect(value).toBeCloseTo(before[target.id] - before[5], 4);
    const earlier = nodes.filter(({ token }) => token < 15);
    expect(earlier.length).toBeGreaterThan(20);
    for (const node of [...nodes.slice(0, 6), ...earlier.slice(0, 10)]) {
      const after = await logprobs(node);
      const expected = after[target.id] - after[5] - value;
      expect(Math.abs(node.effect! - expected), `${node.node} at ${node.token}`).toBeLessThan(1e-4);
    }
    const sizes = nodes.map(({ effect }) => Math.abs(effect!));
    expect(sizes).toEqual(sizes.toSorted((a, b) => b - a));
  });

  it('has no node from which nothing leads to the output', async () => {
    const { nodes } = await circuit(engine, request, control);
    expect(nodes.some(({ node }) => node === '1.mlp.post_act.5')).toBe(true);
    expect(nodes.filter(({ node }) => node === DEAF)).toEqual([]);
  });

  it('is there at once from estimates, which agree in sign with large effects', async () => {
    const quick = await circuit(engine, { ...request, measure: 0, top: 30 }, control);
    expect(quick.nodes).toHaveLength(30);
    expect(quick.nodes.every(({ effect }) => effect === null)).toBe(true);
    const { nodes } = await circuit(
      engine,
      { ...request, ablation: { kind: 'scale', scale: 0.99 } },
      control,
    );
    for (const { effect, estimate, node, token } of nodes.slice(0, 20)) {
      expect(Math.abs(effect! / estimate - 1), `${node} at ${token}`).toBeLessThan(0.1);
    }
  });

  it('keeps to its limits and says what they hide', async () => {
    const all = await circuit(engine, request, control);
    const few = await circuit(
      engine,
      { ...request, measure: 50, top: 10, threshold: 1e-6 },
      control,
    );
    expect(few.nodes).toHaveLength(10);
    expect(few.hidden).toEqual({ nodes: all.nodes.length + all.hidden.nodes - 10, measured: 40 });
    const ends = new Set(few.nodes.map(({ node, token }) => `${node}@${token}`));
    for (const { from, fromToken, to, toToken } of few.edges) {
      if (from !== 'embed' && from !== 'bigram') expect(ends).toContain(`${from}@${fromToken}`);
      if (!to.startsWith('logit.')) expect(ends).toContain(`${to}@${toToken}`);
    }
  });
});

describe('the difference that another text makes', () => {
  const at = (of: string) => ({ text: of, position: { offset: of.indexOf('):') } });
  const here = at(text);
  const same = at(text.replace('(a, b', '(c, b'));
  const longer = at(text.replace('def add', 'def add2'));
  const idsOf = (of: string) => engine.tokensOf(of).encoding.ids;
  const logprobsOf = async (of: typeof here, interventions: Intervention[] = []) =>
    await trace(engine, { ...of, interventions, whole: true });

  it.each([
    ['an edit of as many tokens', same],
    ['an edit of more tokens', longer],
  ])('is measured by putting its activations into this one: %s', async (_, there) => {
    const found = await circuit(engine, { ...request, ...here, other: there }, control);
    expect(found.nodes.length).toBeGreaterThan(20);
    const [before, whole] = [await logprobsOf(here), await logprobsOf(there)];
    const [own, others] = [idsOf(text), idsOf(there.text)];
    const shift = whole.position - before.position;
    const edit = own.findIndex((id, i) => id !== others[i]);
    expect(whole.window.start).toBe(before.window.start);
    for (const node of [...found.nodes.slice(0, 8), ...found.nodes.slice(-4)]) {
      const [site, index] = [node.node.replace(/\.\d+$/, ''), Number(node.node.split('.').at(-1))];
      const row = node.token + (node.token < edit ? 0 : shift) - whole.window.start;
      const width = whole.whole!.get(site)!.length / (whole.window.end - whole.window.start);
      const activation = whole.whole!.get(site)![row * width + index];
      expect(node.other, node.node).toBeCloseTo(activation, 4);
      const kind = { kind: 'value', value: activation } as const;
      const intervention = { nodes: [node.node], positions: { at: node.token }, kind };
      const after = await logprobsOf(here, [intervention]);
      const { id } = found.target;
      expect(node.effect!).toBeCloseTo(after.logprobs[id] - before.logprobs[id], 4);
    }
    expect(found.nodes.some(({ token }) => token < before.position)).toBe(true);
    expect(found.value).toBeCloseTo(before.logprobs[found.target.id], 4);
  });

  it('is carried by edges: weight × what differs in the node that they come from', async () => {
    const found = await circuit(engine, { ...request, ...here, top: 60, other: same }, control);
    const plain = await circuit(engine, { ...request, top: 100_000 }, control);
    const nodes = new Map(found.nodes.map((node) => [`${node.node} ${node.token}`, node]));
    expect(found.edges.length).toBeGreaterThan(10);
    let compared = 0;
    for (const edge of found.edges) {
      if (edge.from === 'embed' || edge.from === 'bigram') continue;
      const node = nodes.get(`${edge.from} ${edge.fromToken}`)!;
      const differs = node.other! - node.activation;
      expect(edge.contribution).toBeCloseTo(edge.weight * differs, 3);
      compared++;
    }
    expect(compared).toBeGreaterThan(10);
    // Where the tokens are the same their embeddings give the same.
    const embedded = found.edges.filter(({ from }) => from === 'embed');
    const [own, others] = [idsOf(text), idsOf(same.text)];
    expect(embedded.length).toBeGreaterThan(0);
    for (const { fromToken } of embedded) expect(own[fromToken]).not.toBe(others[fromToken]);
    expect(plain.nodes.every((node) => node.other === undefined)).toBe(true);
  });

  it('is none of the same text', async () => {
    const found = await circuit(engine, { ...request, ...here, other: here }, control);
    expect(found.nodes).toEqual([]);
    expect(found.edges).toEqual([]);
  });
});

describe('one weight', () => {
  const PARTS = ['attn.q', 'attn.k', 'attn.v', 'attn.out', 'mlp.in', 'mlp.out'];

  it.each(PARTS)('is taken out everywhere as if the model did not have it: %s', async (part) => {
    const nodes = (await circuit(engine, { ...request, top: 400 }, control)).nodes;
    const found = engine.edges
      .weightsBetween(nodes.map(({ node }) => node))
      .findLast(({ matrix }) => matrix.part === part)!;
    const { layer, matrix } = found;
    const name = (site: string, index: number) => `${layer}.${site}.${index}`;
    const [from, to] = [name(matrix.from, found.from), name(matrix.to, found.to)];
    const asked = { text, position: request.position, from, to, token: 15 };
    const measured = await weight(engine, asked);
    expect(measured.weight).toBe(found.weight);
    // The same bundle with a zero in that place.
    const without = randomParts(config);
    without.weights.get('layers.1.mlp.out.weight')!.fill(0, 4 * config.dModel, 5 * config.dModel);
    const own = without.weights.get(`layers.${layer}.${part}.weight`)!;
    own[found.from * siteWidth(config, matrix.to) + found.to] = 0;
    const other = temporaryFolder();
    const smaller = await Engine.open(bundleIn(other.dir, without), 1);
    const at = { text, position: request.position, interventions: [], whole: false };
    const [before, after] = [await trace(engine, at), await trace(smaller, at)];
    await smaller.model.release();
    other.remove();
    const likeliest = before.logprobs.indexOf(Math.max(...before.logprobs));
    const expected = after.logprobs[likeliest] - before.logprobs[likeliest];
    expect(measured.everywhere).toBeCloseTo(expected, 4);
    expect(Math.abs(measured.everywhere)).toBeGreaterThan(0);
    // The key of another token is not looked at where nobody looks.
    if (part !== 'attn.k') expect(measured.here).not.toBe(0);
  });

  it('is refused where there is none, or where it cannot matter', async () => {
    const at = { text, position: request.position, token: 15 };
    const none = { ...at, from: '0.attn.act_in.1', to: '1.attn.q.1' };
    await expect(weight(engine, none)).rejects.toThrow(/no weight leads from/);
    const [{ from, to }] = engine.edges.edgesBetween(['0.attn.act_in.1', ...Array.from({ length: 16 }, (_, i) => `0.attn.q.${i}`)]); // prettier-ignore
    await expect(weight(engine, { ...at, from, to, token: 16 })).rejects.toThrow(/not one that/);
  });
});
