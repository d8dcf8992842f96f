/**
 * Interchange intervention: the circuit's activations of one side of a pair put into the whole model
 * as it reads the other. If the circuit carries the cause, the answer follows.
 */
import type { Bundle } from '../../bundles/bundle';
import type { SiteEdit } from '../../runtime/interventions';
import { Model } from '../../runtime/model';
import type { Prompt } from '../../tasks/prompts';
import { LOGPROBS } from '../../transformer/graphs';
import type { NodeSet } from '../nodeSet';
import { neutralEdit } from '../../runtime/interventions';
import type { Control } from '../model';

/**
 * Share of prompts whose preferred answer becomes that of the pair's other side. Positions correspond
 * counted from the end; where one prompt is longer, its first ones stay as they are.
 */
export async function interchange(
  { config, weights }: Bundle,
  circuit: NodeSet,
  prompts: readonly Prompt[],
  control: Control,
): Promise<number> {
  const model = await Model.load(config, weights, control.threads);
  try {
    let followed = 0;
    for (let pair = 0; pair < prompts.length; pair += 2) {
      const sides = [prompts[pair], prompts[pair + 1]];
      const own: Map<string, Float32Array>[] = [];
      for (const side of sides)
        own.push((await run(model, circuit, side, new Map(), control)).sites);
      for (const [i, side] of sides.entries()) {
        const other = { length: sides[1 - i].tokens.length, sites: own[1 - i] };
        const edits = editsFrom(circuit, side.tokens.length, other);
        const { difference } = await run(model, circuit, side, edits, control);
        if (difference * side.sign < 0) followed++;
      }
      control.progress('interchange', (pair + 2) / prompts.length);
    }
    return followed / prompts.length;
  } finally {
    await model.release();
  }
}

/** Activations of the circuit's sites [pos, node], and the first answer's logit less the second's. */
async function run(
  model: Model,
  circuit: NodeSet,
  { tokens, first, second }: Prompt,
  edits: Map<string, SiteEdit>,
  control: Control,
) {
  await control.pause();
  const names = circuit.sites.map(({ site }) => site);
  const sites = await model.run({
    ...{ batch: 1, tokens, edits },
    read: Int32Array.of(tokens.length - 1),
    outputs: [...names, LOGPROBS],
  });
  const logprobs = sites.get(LOGPROBS)!;
  return { sites, difference: logprobs[first] - logprobs[second] };
}

/** Edits that put another text's activations of the circuit's nodes at the positions from the end. */
function editsFrom(
  circuit: NodeSet,
  length: number,
  other: { readonly length: number; readonly sites: ReadonlyMap<string, Float32Array> },
): Map<string, SiteEdit> {
  const common = Math.min(length, other.length);
  return new Map(
    circuit.sites.map(({ site, indices }) => {
      const values = other.sites.get(site)!;
      const width = values.length / other.length;
      const edit = neutralEdit(1, length, width);
      for (let back = 1; back <= common; back++) {
        for (const node of indices) {
          const at = (length - back) * width + node;
          edit.keep[at] = 0;
          edit.add[at] = values[(other.length - back) * width + node];
        }
      }
      return [site, edit];
    }),
  );
}
