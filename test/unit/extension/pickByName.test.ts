/** Every list of nodes: the name that is typed comes first, and numbers that stand beside are not searched. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { documentOf, editorOf, people, reset, seen, show } from '../../support/fakeEditor';

vi.mock('vscode', () => import('../../support/fakeEditor'));
vi.mock('../../../extension/progress', () => ({
  withProgress: (_: string, work: (...of: unknown[]) => unknown) =>
    work(new AbortController().signal, () => undefined),
}));
const { ablateNode } = await import('../../../extension/commands/ablateNode');
const { circuitNodes } = await import('../../../extension/commands/circuitNodes');
const { findByConcept } = await import('../../../extension/commands/findByConcept');
const { highlightNode } = await import('../../../extension/commands/highlightNode');
const { showEffects } = await import('../../../extension/commands/showEffects');
const { steerDense } = await import('../../../extension/commands/steerDense');
const { steerNode } = await import('../../../extension/commands/steerNode');
const { keptIn, memoryFolder } = await import('../../support/folders');
const { sampleCircuit } = await import('../../support/circuits');
const { sampleLabel } = await import('../../support/labels');
const { snapshotOf } = await import('../../support/snapshots');
type Command = typeof ablateNode;

/** The last one’s name is a part of the others’, and comes last by effect, in the circuit and by concept. */
const NODES = ['0.mlp.post_act.13', '0.mlp.post_act.12', '0.mlp.post_act.1'];
const [, , NAME] = NODES;
const ACTIVATION = 7.77;
const snapshot = snapshotOf('ab', { hash: 'a'.repeat(64) });
const info = { ...snapshot.info, bridgedTo: 'dense' };
const effects = {
  ...{ target: 0, contrast: null },
  nodes: NODES.map((node, i) => ({ node, activation: ACTIVATION, effect: i - 8.77 })),
};
const label = { label: { ...sampleLabel([1]), causal: null, auroc: 0.77 }, causal: false };
const concepts = {
  concepts: [{ concept: 'comma', description: '', alone: 3, others: 0 }],
  nodes: NODES.map((node) => ({ ...label, node, sign: 'positive', text: 'comma' })),
};
const circuit = sampleCircuit({
  bundle: { name: 'tiny', hash: info.hash },
  core: NODES,
  ...{ cut: [], backups: [] },
  edges: Array.from({ length: 77 }, () => ({ from: NODES[0], to: NAME, weight: 1 })),
});
const known = { name: 'c', origin: 'found' as const, where: 'c.json', circuit };
const token = {
  ...{ snapshot, strongest: effects.nodes, leading: () => Promise.resolve(effects) },
  ...{ view: { text: 'a', trace: { sites: [] }, token: 0 }, why: {}, whyNot: null, at: {} },
};

/** The parts that these commands need. */
function parts() {
  const { folder } = memoryFolder();
  const models = {
    info: () => Promise.resolve(info),
    useModel: (_: string, __: unknown, ask: (runtime: unknown) => unknown) =>
      ask({ concepts: () => Promise.resolve(concepts), checkCircuit: () => undefined }),
  };
  const quiet = { show: () => undefined, showCircuit: () => undefined };
  return {
    ...{ models, work: { own: () => Promise.resolve(token) }, conceptMarks: quiet },
    ...keptIn(folder, (message) => expect.unreachable(message)),
    meanings: { labels: () => Promise.resolve(null) },
    traces: { effects: () => Promise.resolve(effects) },
    circuits: { shown: known, show: () => undefined, withProofs: <T>(one: T) => one },
    ...{ activationMap: quiet, panel: { ...quiet, steer: () => Promise.resolve() } },
  };
}

/** Opens the list of a command, which is then there with all its rows. */
async function opened(command: Command) {
  show(editorOf(documentOf('file:///a.py', 'ab')));
  people.chooses = ([first]) => (command === findByConcept ? first : undefined);
  const all = parts();
  const chosen: unknown[] = [];
  const choose = (node: string) => void chosen.push(node);
  Object.assign(all, {
    activationMap: { ...all.activationMap, show: choose },
    panel: { ...all.panel, steer: (_: unknown, node: string) => Promise.resolve(choose(node)) },
  });
  const done = command.run(all as unknown as Parameters<Command['run']>[0], undefined);
  await expect.poll(() => seen.picks[0]?.busy, { timeout: 20_000 }).toBe(false);
  return { pick: seen.picks[0], chosen, done };
}

beforeEach(reset);

describe.each([
  ['Ablate Node…', ablateNode],
  ['Steer Node…', steerNode],
  ['Steer the dense model', steerDense],
  ['Color by Node…', highlightNode],
  ['Show Effects', showEffects],
  ['Nodes of a circuit', circuitNodes],
  ['Find by Concept…', findByConcept],
] as const)('the list of "%s"', (_, command) => {
  it('begins with the node whose name is typed', async () => {
    const { pick, chosen, done } = await opened(command);
    expect(pick.items.find(({ node }) => node !== undefined)?.node).not.toBe(NAME);
    pick.type(NAME);
    expect(pick.items[0].node).toBe(NAME);
    pick.accept();
    await done;
    // What ablates and steers goes on to ask how; the others act.
    const acted = [
      ...chosen,
      ...seen.commands.map(([, place]) => (place as { node: string }).node),
    ];
    const asked = seen.lists.map(({ options: { title } }) => title).join();
    if (command === ablateNode || command === steerNode) expect(acted).toEqual([]);
    else expect(acted).toEqual([NAME]);
    if (command === ablateNode) expect(asked).toContain('neuron 1');
  });

  it('is not searched by numbers that are measured', async () => {
    const { pick } = await opened(command);
    const rows = pick.items.filter(({ node }) => node !== undefined) as unknown as {
      readonly [part in 'label' | 'description' | 'detail']?: string;
    }[];
    expect(rows.length).toBeGreaterThanOrEqual(NODES.length);
    expect([pick.matchOnDescription, pick.matchOnDetail]).toEqual([true, false]);
    for (const { label, description } of rows) expect(`${label} ${description}`).not.toMatch(/77/);
    // They are there to be read.
    expect(rows.map(({ detail }) => detail).join()).toMatch(/77/);
    expect(rows.map(({ description }) => description).join()).toContain(NAME);
  });
});

it('the list of nodes that steer the dense model has none that cannot', async () => {
  const sitesIn = async (command: Command) => {
    const { pick } = await opened(command);
    return new Set(pick.items.map(({ node }) => node?.replace(/\.\d+$/, '')));
  };
  const all = await sitesIn(steerNode);
  reset();
  const able = await sitesIn(steerDense);
  for (const site of ['0.attn.act_in', '0.attn.q', '1.mlp.post_act', '1.mlp.resid_delta']) {
    expect([site, all.has(site), able.has(site)]).toEqual([site, true, false]);
  }
  expect(able.has('0.mlp.post_act')).toBe(true);
});
