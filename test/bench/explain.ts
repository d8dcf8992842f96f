/**
 * What explanations take: of a token, after its circuit, against finding that circuit; and of the largest
 * circuit that ships, and of the quotes, in seconds.
 *
 *   npm run bench -- explain
 */
import { join } from 'node:path';
import { readCircuit } from '../../models/circuits/file/circuitFile';
import { circuit } from '../../models/runtime/circuit';
import { Engine } from '../../models/inference/engine';
import { explain } from '../../models/runtime/explain';
import { explainCircuit } from '../../models/runtime/explainCircuit';
import { figure, milliseconds, turns } from './paired';
import { benchmark } from './start';

const THREADS = 2;
/** Nodes that are measured and shown, as in the panel. */
const [MEASURED, SHOWN] = [400, 300];
/** Pairs of timings: a circuit takes seconds. */
const MOST_PAIRS = 5;
const text = 'def label(self) -> str:\n    return self.name\n';

benchmark(async ({ dir, pairs }) => {
  const engine = await Engine.open(dir, THREADS);
  const control = { progress: () => undefined, pause: () => Promise.resolve() };
  const common = { bench: 'explain' };
  const request = {
    ...{ text, position: { token: 4 }, interventions: [], ablation: { kind: 'mean' } as const },
    ...{ measure: MEASURED, top: SHOWN, threshold: 0 },
  };
  const found = await circuit(engine, request, control);
  const times = await turns(Math.min(pairs, MOST_PAIRS), {
    told: () => explain(engine, { text, circuit: found, interventions: [] }),
    found: () => circuit(engine, request, control),
  });
  const name = 'explanation of a token after its circuit';
  figure({ ...common, name: `${name} / its circuit`, unit: 'ratio', target: 'at most 0.5' }, times.told, times.found); // prettier-ignore
  figure({ ...common, name, unit: 'ms', target: 'below 1000' }, times.told);
  for (const task of ['single_double_quote', 'with_open']) {
    const own = readCircuit(join(dir, 'circuits', `${task}.json`));
    const all: number[] = [];
    for (let i = 0; i < Math.min(pairs, 3); i++) {
      all.push((await milliseconds(() => explainCircuit(engine, { circuit: own, pairs: { task } }, control))) / 1000); // prettier-ignore
    }
    const what = `explanation of ${task}, ${own.core.length} nodes`;
    figure({ ...common, name: what, unit: 's', target: 'below 10' }, all);
  }
  await engine.release();
});
