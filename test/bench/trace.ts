/**
 * What tracing costs: a window of the whole context with every node read against the same forward
 * pass with nothing read, in pairs, because the machine may be busy; and effects per second.
 *
 *   npm run bench:trace [BUNDLE FOLDER] [PAIRS]
 */
import { effects } from '../../models/runtime/effects';
import { Engine } from '../../models/runtime/engine';
import { trace } from '../../models/runtime/trace';
import { LOGPROBS } from '../../models/transformer/graphs';
import { median, milliseconds, spread } from './paired';

const THREADS = 2;
const LIMIT = 1.5;
const EFFECT_NODES = 64;
const text = 'def add_all(items, start=0):\n    for item in items:\n        start += item\n'.repeat(
  40,
);

async function measureRatio(engine: Engine, pairs: number): Promise<number> {
  const position = engine.config.context - 2; // The last token of the first window.
  const tokens = engine.tokensOf(text);
  const window = tokens.window(position);
  const ids = tokens.ids(window);
  const nothing = (read: Int32Array) => () =>
    engine.model.run({ batch: 1, tokens: ids, read, edits: new Map(), outputs: [LOGPROBS] });
  const runs = {
    everything: () => {
      engine.passes.clear(); // It would answer without running again.
      return trace(engine, { text, position: { token: position }, interventions: [], whole: true });
    },
    predictions: nothing(Int32Array.from(ids.keys())),
    onePrediction: nothing(Int32Array.of(ids.length - 1)),
  };
  for (const run of Object.values(runs)) await run(); // The first runs allocate.
  const times = { everything: [], predictions: [], onePrediction: [] } as Record<
    keyof typeof runs,
    number[]
  >;
  const names = Object.keys(runs) as (keyof typeof runs)[];
  for (let pair = 0; pair < pairs; pair++) {
    // Whoever goes first may be at an advantage, so they take turns.
    for (const i of names.keys()) {
      const name = names[(i + pair) % names.length];
      times[name].push(await milliseconds(runs[name]));
    }
  }
  const ratio = (name: keyof typeof runs) => times.everything.map((t, i) => t / times[name][i]);
  console.log(`${ids.length} tokens, every node read: ${spread(times.everything, 1)} ms`);
  console.log(`nothing read: ${spread(times.predictions, 1)} ms`);
  console.log(`ratio: ${spread(ratio('predictions'), 3)}`);
  console.log(`ratio to one prediction alone: ${spread(ratio('onePrediction'), 3)}`);
  return median(ratio('predictions'));
}

async function measureEffects(engine: Engine): Promise<void> {
  const nodes = Array.from({ length: EFFECT_NODES }, (_, i) => `0.mlp.post_act.${i}`);
  const control = { progress: () => undefined, pause: () => Promise.resolve() };
  for (const positions of ['all', 'here'] as const) {
    for (const token of [30, engine.config.context - 2]) {
      const common = { text, position: { token }, nodes, interventions: [] };
      const request = { ...common, ablation: { kind: 'mean' }, positions } as const;
      await effects(engine, request, control); // The first run loads and allocates.
      const time = await milliseconds(() => effects(engine, request, control));
      const rate = ((1000 * EFFECT_NODES) / time).toFixed(0);
      console.log(`effects (${positions}) after ${token + 2} tokens: ${rate} nodes/s`);
    }
  }
}

async function main([dir = 'models/bundles/python-sparse', pairs = '30']: string[]): Promise<void> {
  const engine = await Engine.open(dir, THREADS);
  const ratio = await measureRatio(engine, Number(pairs));
  await measureEffects(engine);
  await engine.model.release();
  if (ratio > LIMIT) throw new Error(`the ratio ${ratio.toFixed(3)} is above ${LIMIT}`);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
