/**
 * What tracing costs: a window of the whole context with every node read against the same forward
 * pass with nothing read, in pairs, because the machine may be busy.
 *
 *   npm run bench -- trace
 */
import { Engine } from '../../models/inference/engine';
import { trace } from '../../models/inference/trace';
import { LOGPROBS } from '../../models/transformer/graphs';
import { figure, turns } from './paired';
import { benchmark } from './start';

const THREADS = 2;
const text = 'def add_all(items, start=0):\n    for item in items:\n        start += item\n'.repeat(
  40,
);

benchmark(async ({ dir, pairs }) => {
  const engine = await Engine.open(dir, THREADS);
  const position = engine.config.context - 2; // The last token of the first window.
  const tokens = engine.tokensOf(text);
  const ids = tokens.ids(tokens.window(position));
  const nothing = (read: Int32Array) => () =>
    engine.model.run({ batch: 1, tokens: ids, read, edits: new Map(), outputs: [LOGPROBS] });
  const times = await turns(pairs, {
    everything: () => {
      engine.passes.clear(); // It would answer without running again.
      return trace(engine, { text, position: { token: position }, interventions: [], whole: true });
    },
    predictions: nothing(Int32Array.from(ids.keys())),
    onePrediction: nothing(Int32Array.of(ids.length - 1)),
  });
  const common = { bench: 'trace', unit: 'ratio' };
  const name = `trace of ${ids.length} tokens, every node read / the same forward`;
  const { everything, predictions, onePrediction } = times;
  figure(
    { ...common, name: `${name}, nothing read`, target: 'at most 1.3' },
    everything,
    predictions,
  );
  figure({ ...common, name: `${name}, one prediction`, target: '' }, everything, onePrediction);
  await engine.model.release();
});
