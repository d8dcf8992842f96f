/** Resample ablation: nodes outside a set take their activations from other prompts instead of their mean. */
import { Rng } from '../../random';
import { Model } from '../../inference/model';
import { Sessions } from '../../engines/sessions';
import type { Prompt } from '../../tasks/prompts';
import { allSites } from '../../transformer/nodes';
import type { CircuitModel } from '../search/model';
import { NodeSet } from '../../transformer/nodeSet';
import { editsFrom, run } from './interchange';

/** Logit differences [prompt] of some nodes, with all others as in a random prompt of another pair. */
export async function resampled(
  bundle: CircuitModel,
  open: NodeSet,
  prompts: readonly Prompt[],
  seed: number,
): Promise<Float64Array> {
  const { config, weights } = bundle.bundle;
  const rest = NodeSet.all(config, open.nodes).without(open);
  const rng = new Rng('resample', seed);
  const names = allSites(config).map(({ name }) => name);
  const found = new Float64Array(prompts.length);
  const pairs = prompts.length / 2;
  const model = await Model.load(
    config,
    weights,
    Sessions.fitting(weights, bundle.control.machines),
  );
  try {
    for (const [i, prompt] of prompts.entries()) {
      await bundle.control.pause();
      const pair = pairs > 1 ? ((i >> 1) + 1 + rng.int(pairs - 1)) % pairs : 0;
      const other = prompts[2 * pair + rng.int(2)];
      const { sites } = await run(model, other, new Map(), names);
      const edits = editsFrom(rest, prompt.tokens.length, { length: other.tokens.length, sites });
      found[i] = (await run(model, prompt, edits, [])).difference;
    }
    return found;
  } finally {
    await model.release();
  }
}
