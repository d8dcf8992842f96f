/** Everything about one window, run once for all that is asked about its tokens one after the other. */
import { allSites } from '../transformer/nodes';
import { LOGPROBS } from '../transformer/graphs';
import { compileEdges } from './edgeEdits';
import type { Engine, WholePass } from './engine';
import { compileInterventions, type Intervention } from './interventions';
import type { TextTokens, TokenRange } from './textTokens';
import { windowKey } from './windowCache';

/** Row [node] of a site, or [vocab] of the predictions, in a pass. */
export function rowOf(pass: WholePass, name: string, row: number, width: number): Float32Array {
  return pass.get(name)!.subarray(row * width, (row + 1) * width);
}

/** Runs a window with every prediction and every node read, unless it is still known. */
export function wholePass(
  engine: Engine,
  tokens: TextTokens,
  { start, end }: TokenRange,
  interventions: readonly Intervention[],
): Promise<WholePass> {
  const ids = tokens.ids({ start, end });
  return engine.passes.get(windowKey(interventions, start, ids), () =>
    engine.model.run({
      batch: 1,
      tokens: ids,
      read: Int32Array.from(ids.keys()),
      edits: compileInterventions(interventions, engine, { start, end }),
      edges: compileEdges(interventions, engine, { start, end }),
      outputs: [LOGPROBS, ...allSites(engine.config).map(({ name }) => name)],
    }),
  );
}
