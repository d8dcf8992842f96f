/**
 * A step of bridged training against one of the sparse model alone: the gradients of the same
 * windows, one thread, turn by turn in one run.
 *
 *   npm run bench -- bridge
 */
import { readBundle } from '../../models/bundles/bundle';
import { givenWeights } from '../../models/bridges/parameters';
import { Rng } from '../../models/random';
import { Tokenizer } from '../../models/tokenizer/tokenizer';
import { readTrainingConfig } from '../../models/training/config';
import { idiomStream, makeBatch } from '../../models/training/data';
import { trainedSlots, view } from '../../models/training/layout';
import { objectiveOf, transformerObjective, type Objective } from '../../models/training/objective';
import { StepRunner } from '../../models/training/step';
import { freshWeights } from '../../models/transformer/parameters';
import { figure, turns } from './paired';
import { benchmark } from './start';

const CONFIG = 'models/training/configs/python-bridge.json';
const DENSE = 'models/bundles/python-dense';
/** Windows of a step. */
const WINDOWS = 4;

benchmark(async ({ dir, pairs }) => {
  const config = readTrainingConfig(CONFIG);
  const [sparse, dense] = [readBundle(dir), readBundle(DENSE)];
  const tokenizer = Tokenizer.fromJson(sparse.tokenizerJson);
  const { context } = config.model;
  const stream = idiomStream(tokenizer, new Rng('bench'), 20_000);
  const source = { stream, tokenizer, seed: 1, idiomShare: 0, context };
  const windows = { seed: 1, label: 'bench', step: 0, first: 0, count: WINDOWS };
  const batch = makeBatch(source, 'bench', 0, 0, WINDOWS);
  const step = (objective: Objective) => {
    const { slots, total } = trainedSlots(objective.specs);
    const weights = new Map([
      ...freshWeights(objective.specs, 1),
      ...sparse.weights,
      ...givenWeights(dense.weights),
    ]);
    const flat = new Float32Array(total);
    for (const slot of slots) view(flat, slot).set(weights.get(slot.spec.name)!);
    const runner = new StepRunner(objective, { context, provider: 'cpu' }, flat, weights);
    const gradient = new Float32Array(total);
    const whole = { ...batch, further: objective.furtherInputs(windows) };
    return { run: () => runner.gradient(whole, gradient), release: () => runner.release() };
  };
  const alone = step(transformerObjective(config.model));
  const bridged = step(objectiveOf(config, dense.config));
  const times = await turns(Math.ceil(pairs / 3), { alone: alone.run, bridged: bridged.run });
  await alone.release();
  await bridged.release();
  const name = `bridged training step / the sparse model's own, ${WINDOWS * context} tokens`;
  figure({ bench: 'bridge', name, unit: 'ratio', target: 'at most 6' }, times.bridged, times.alone);
});
