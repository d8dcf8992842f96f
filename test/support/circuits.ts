/** A circuit's file and a proof that passes, for tests of what is made of them. */
import type { Circuit } from '../../models/circuits/file/circuitFile';
import { DEFAULT_SETTINGS } from '../../models/circuits/defaults';
import type { Measurement, Proof } from '../../models/circuits/file/schema';

/** How a circuit was found, in little time. */
export const sampleSearch: NonNullable<Circuit['search']> = {
  settings: { ...DEFAULT_SETTINGS, steps: 20, runs: 1, pairs: { masks: 8, selection: 4 } },
  effort: { runs: 1, steps: 20, tokens: 100, seconds: 3.5, stopped: false, complete: true },
  command: 'circuitscope prune --file quotes.jsonl --out FILE',
  ...{ goal: 0.12, shift: -0.25, backupsDone: true },
  loss: { full: 0.01, core: 0.1234 },
};

/** A circuit of two nodes and the weight between them. */
export function sampleCircuit(change: Partial<Circuit> = {}): Circuit {
  return {
    format: 3,
    bundle: { name: 'tiny', hash: 'a'.repeat(64) },
    pairs: { task: 'indent_for' },
    ablation: 'mean',
    search: sampleSearch,
    core: ['0.attn.act_in.3', '0.attn.v.1'],
    backups: ['1.mlp.post_act.7'],
    cut: ['0.attn.v.1', '1.mlp.post_act.7'],
    allEdges: 1,
    edges: [{ from: '0.attn.act_in.3', to: '0.attn.v.1', weight: 0.5 }],
    ...{ proof: null, repeats: [] },
    ...change,
  };
}

const sample = (id: string, change: Partial<Measurement> = {}): Measurement => ({
  ...{ id, what: `the set ${id}`, nodes: 2, ablation: 'mean' },
  calibration: { rule: 'strict', scale: 1, shift: 0 },
  ...{ loss: 0.1, accuracy: 1, order: 1, share: 0.5, pairs: 48, seed: 1 },
  ...change,
});

/** Measurements of a circuit that holds every criterion. */
const passing: readonly Measurement[] = [
  sample('whole', { nodes: 100, loss: 0, share: 1 }),
  sample('core', { loss: 0.12 }),
  sample('empty', { loss: 0.69, order: 0.5, share: 0 }),
  sample('subsets.worst', { loss: 0.14 }),
  sample('adversary', { loss: 0.15 }),
  sample('adversary.free', { loss: 0.12 }),
  sample('removed.circuit', { nodes: 60, loss: 0.7, order: 0.5 }),
  sample('removed.cut', { loss: 0.66, order: 0.5 }),
  sample('removed.random', { nodes: 60, loss: 0.01 }),
  sample('swap.circuit', { nodes: 40, share: 0.8 }),
  sample('swap.random', { nodes: 40, share: 0.02 }),
  sample('control.labels', { loss: 0.69 }),
  sample('control.model', { loss: 0.68 }),
];

/** A proof that passes, with some of its measurements changed. */
export function sampleProof(
  changes: Readonly<Record<string, Partial<Measurement>>> = {},
  more: Partial<Proof> = {},
): Proof {
  return {
    ...{ own: 'indent_for', seed: 1, pairs: 48, target: 0.15, unseen: true },
    measurements: passing.map((one) => ({ ...one, ...changes[one.id] })),
    counts: [
      { id: 'minimal', what: 'nodes that are needed', count: 2, of: 2 },
      { id: 'backups', what: 'backups', count: 1, of: 4 },
    ],
    curves: [{ id: 'faithfulness', what: 'parts', points: [{ nodes: 1, share: 0, order: 0.5 }] }],
    selective: [
      { task: 'indent_for', whole: 1, without: 0.5 },
      { task: 'with_as', whole: 1, without: 1 },
      { task: 'var_if', whole: 0.6, without: 0.5 },
    ],
    ...{ seconds: 60, stopped: false },
    ...more,
  };
}
