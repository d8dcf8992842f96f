/** Interventions on single weights: what one node reads of another, at the tokens that were named. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { effects } from '../../../models/runtime/effects';
import { Engine } from '../../../models/inference/engine';
import { ENGINES } from '../../../models/engines/engineChoice';
import { checkInterventions } from '../../../models/runtime/checkInterventions';
import { compileEdges } from '../../../models/inference/edgeEdits';
import { compileInterventions, type Intervention } from '../../../models/inference/interventions';
import { surprisal } from '../../../models/runtime/scan';
import { trace, type Trace } from '../../../models/inference/trace';
import { siteWidth } from '../../../models/transformer/config';
import { parseNode, siteName } from '../../../models/transformer/nodes';
import { copiesOf } from '../../support/arrays';
import { bundleIn, temporaryFolder } from './bundles';
import { config, control, largestDifference, parts, text } from './small';

const TOKEN = 23;
/** Nodes that others read only through weights, and which are read at their own token. */
const SOURCES = ['1.attn.act_in.3', '0.mlp.act_in.5', '1.mlp.post_act.2'];
const KINDS: Intervention['kind'][] = [
  { kind: 'zero' },
  { kind: 'mean' },
  { kind: 'value', value: 1.5 },
  { kind: 'scale', scale: -2 },
  { kind: 'patch', values: [0.75] },
];
const POSITIONS = ['all', { at: TOKEN }, { from: 17 }] as const;

describe.each(ENGINES)('weights ablated on the %s engine', (name) => {
  let engine: Engine;
  const folder = temporaryFolder();
  beforeAll(async () => {
    engine = await Engine.open(bundleIn(folder.dir, parts), 1, name);
  });
  afterAll(async () => {
    await engine.release();
    folder.remove();
  });

  const traced = (interventions: Intervention[]): Promise<Trace> =>
    trace(engine, { text, position: { token: TOKEN }, interventions, whole: false });
  /** Everything that reads a node through a weight. */
  const readers = (source: string): string[] => {
    const { layer } = parseNode(source, config);
    const sites = ['attn.q', 'attn.k', 'attn.v', 'mlp.post_act', 'mlp.resid_delta'];
    const targets = sites.flatMap((site) =>
      Array.from({ length: 64 }, (_, i) => `${layer}.${site}.${i}`).filter(known),
    );
    return engine.edges
      .edgesBetween([source, ...targets])
      .filter(({ from }) => from === source)
      .map(({ to }) => to);
  };

  const cases = SOURCES.flatMap((source) =>
    KINDS.map((kind, i) => [source, kind.kind, POSITIONS[i % 3], kind] as const),
  );
  it.each(cases)(
    '%s with all its weights is the node itself: %s at %j',
    async (source, _, positions, kind) => {
      const edges = readers(source).map((into) => ({ nodes: [source], into, positions, kind }));
      expect(edges.length).toBeGreaterThan(1);
      const [model, one, all, node] = [
        await traced([]),
        await traced(edges.slice(0, 1)),
        await traced(edges),
        await traced([{ nodes: [source], positions, kind }]),
      ];
      expect(largestDifference(all.logprobs, node.logprobs)).toBeLessThan(1e-4);
      expect(largestDifference(all.logprobs, model.logprobs)).toBeGreaterThan(1e-4);
      // One of them is not all of them.
      expect(largestDifference(one.logprobs, node.logprobs)).toBeGreaterThan(1e-5);
    },
  );

  it('names the first weight or node that the model does not have', () => {
    const [source] = SOURCES;
    const [into] = readers(source);
    const asked = (nodes: string[], other?: string) =>
      checkInterventions(engine, {
        ...{ where: 'set.json' },
        interventions: [
          { nodes: [source], into },
          { nodes: ['0.attn.v.1'] },
          { nodes, into: other },
        ],
      });
    expect(asked([source], into)).toBeNull();
    expect(() => asked([source], source)).toThrow(
      `set.json: no weight leads from ${source} to ${source}`,
    );
    expect(() => asked(['9.attn.v.1'])).toThrow(/^set\.json: .*9\.attn\.v\.1/);
    expect(() => asked([source], '9.attn.v.1')).toThrow(/^set\.json: .*9\.attn\.v\.1/);
  });

  it('what two interventions do to one weight is done one after the other', async () => {
    const [source] = SOURCES;
    const [into] = readers(source);
    const by = (scale: number): Intervention => ({
      ...{ nodes: [source], into, positions: 'all', kind: { kind: 'scale', scale } },
    });
    const [twice, once] = [await traced([by(2), by(-1.5)]), await traced([by(-3)])];
    expect(largestDifference(twice.logprobs, once.logprobs)).toBeLessThan(1e-5);
  });

  it.each(['here', 'all'] as const)(
    'effects of nodes with a weight ablated are differences of traces, %s',
    async (positions) => {
      const [source] = SOURCES;
      const into = readers(source)[1];
      const base: Intervention[] = [{ nodes: [source], into, positions: 'all', kind: KINDS[3] }];
      const nodes = ['1.mlp.post_act.2', '1.attn.act_in.3', '0.attn.v.1'];
      const found = await effects(
        engine,
        {
          ...{ text, position: { token: TOKEN }, ablation: { kind: 'zero' }, positions, nodes },
          interventions: base,
        },
        control,
      );
      const before = await traced(base);
      expect(before.logprobs[found.target]).toBe(Math.max(...before.logprobs));
      for (const [i, node] of found.nodes.entries()) {
        const where = positions === 'all' ? positions : { at: TOKEN };
        const own: Intervention = { nodes: [node], positions: where, kind: { kind: 'zero' } };
        const after = await traced([...base, own]);
        const expected = after.logprobs[found.target] - before.logprobs[found.target];
        expect(found.effects[i]).toBeCloseTo(expected, 4);
      }
    },
  );

  const windowStart = () => engine.tokensOf(text).window(TOKEN).start;
  /** Slopes of one token's log-probability under some interventions, by site. */
  const sloped = async (interventions: Intervention[]) => {
    const range = { start: windowStart(), end: TOKEN + 1 };
    const edges = compileEdges(interventions, engine, range);
    const slopes = await engine.model.slopes(edges.length > 0);
    const prediction = {
      ...{ tokens: engine.tokensOf(text).ids(range), edges, target: { id: 5, contrast: null } },
      edits: compileInterventions(interventions, engine, range),
    };
    return await slopes.run(prediction, copiesOf);
  };

  it.each(cases.slice(0, 5))(
    'slopes with all weights of %s changed are those with the node changed: %s at %j',
    async (source, _, positions, kind) => {
      const edges = readers(source).map((into) => ({ nodes: [source], into, positions, kind }));
      const [plain, all, node] = [
        await sloped([]),
        await sloped(edges),
        await sloped([{ nodes: [source], positions, kind }]),
      ];
      const own = parseNode(source, config);
      let [apart, changed] = [0, 0];
      for (const [name, slopes] of all) {
        // Of the node itself, which is read before it is changed, they are another matter.
        if (name === siteName(own.layer, own.site)) continue;
        apart = Math.max(apart, largestDifference(slopes, node.get(name)!));
        changed = Math.max(changed, largestDifference(slopes, plain.get(name)!));
      }
      expect(apart).toBeLessThan(1e-4);
      expect(changed).toBeGreaterThan(1e-4);
    },
  );

  it('slopes with a weight changed are differences of traces', async () => {
    const [source] = SOURCES;
    const changed: Intervention = {
      ...{ nodes: [source], into: readers(source)[0], positions: { from: 17 } },
      kind: { kind: 'scale', scale: -2 },
    };
    const slopes = await sloped([changed]);
    const logprob = async (node: string, value: number) => {
      const set: Intervention = { nodes: [node], positions: { at: 20 }, kind: { kind: 'value', value } }; // prettier-ignore
      return (await traced([changed, set])).logprobs[5];
    };
    const { whole } = await trace(engine, {
      ...{ text, position: { token: TOKEN }, interventions: [changed], whole: true },
    });
    for (const node of [source, '0.attn.v.1', '1.mlp.act_in.3', '1.attn.k.2']) {
      const { layer, site, index } = parseNode(node, config);
      const at = (20 - windowStart()) * siteWidth(config, site) + index;
      const value = whole!.get(siteName(layer, site))![at];
      const step = 0.02;
      const [up, down] = [await logprob(node, value + step), await logprob(node, value - step)];
      const expected = (up - down) / (2 * step);
      expect(slopes.get(siteName(layer, site))![at], node).toBeCloseTo(expected, 2);
    }
  });

  it('nodes that no weight reads any more are not ranked among the first', async () => {
    const first = async (interventions: Intervention[]) => {
      const found = await effects(
        engine,
        {
          ...{ text, position: { token: TOKEN }, ablation: { kind: 'zero' }, positions: 'here' },
          ...{ interventions, top: 20 },
        },
        control,
      );
      return found.nodes;
    };
    const source = (await first([])).find((node) => /act_in|post_act/.test(node))!;
    const out = readers(source).map((into): Intervention => ({
      ...{ nodes: [source], into, positions: 'all', kind: { kind: 'zero' } },
    }));
    const ranked = await first(out);
    expect(ranked).toHaveLength(20);
    expect(ranked).not.toContain(source);
  });

  it('the surprise of tokens knows of it', async () => {
    const [source] = SOURCES;
    const into = readers(source)[0];
    const scan = async (interventions: Intervention[]) =>
      (await surprisal(engine, { text, interventions }, control)).surprisal;
    const taken: Intervention = { nodes: [source], into, positions: 'all', kind: KINDS[2] };
    const [plain, changed] = [await scan([]), await scan([taken])];
    expect(largestDifference(plain, changed)).toBeGreaterThan(1e-4);
    const { nextLogprobs, window } = await traced([taken]);
    expect(changed[TOKEN + 1]).toBeCloseTo(-nextLogprobs[TOKEN - window.start], 4);
  });

  it('is refused where no weight joins the nodes', async () => {
    const none: Intervention = {
      ...{ nodes: ['0.attn.act_in.1'], into: '1.attn.q.1' },
      ...{ positions: 'all', kind: { kind: 'zero' } },
    };
    await expect(traced([none])).rejects.toThrow(/no weight leads from 0\.attn\.act_in\.1 to 1/);
    await expect(traced([{ ...none, into: '9.attn.q.1' }])).rejects.toThrow(/9\.attn\.q\.1/);
  });
});

function known(node: string): boolean {
  try {
    parseNode(node, config);
    return true;
  } catch {
    return false;
  }
}
