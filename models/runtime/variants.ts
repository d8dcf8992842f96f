/**
 * Many ablations of one prediction in one pass: each row of a batch has another node ablated. At every
 * position the whole text up to the token is run again; only at one token, the keys and values before
 * it stand, and the positions from there on are run.
 */
import { siteWidth } from '../transformer/config';
import { LOGPROBS } from '../transformer/graphs';
import { siteName, type NodeId } from '../transformer/nodes';
import { edgeRowsFrom, type EdgeEdit } from '../inference/edgeEdits';
import type { Engine, WholePass } from '../inference/engine';
import {
  compose,
  neutralEdit,
  rowsFrom,
  type Change,
  type SiteEdit,
  type SiteEdits,
} from '../inference/interventions';
import { targetValue, type Target } from '../inference/target';

/** Tokens in one pass: enough to keep the cores busy, few enough to cancel soon. */
const TOKENS_A_BATCH = 1024;
/**
 * The same where only the last positions are run, in passes that may edit every site apart. Twice as
 * many would be 6 % faster, but a hover after an edit would wait twice as long for the pass under way.
 */
const LAST_TOKENS_A_BATCH = 128;

/** The tokens up to the one asked about, and what is done to them anyway. */
export interface Prefix {
  /** [pos] */
  readonly tokens: Int32Array;
  readonly edits: SiteEdits;
  readonly edges: readonly EdgeEdit[];
}

/** What is done to each node, and what of the prediction is measured. */
export interface Measure {
  readonly change: (node: NodeId) => Change;
  readonly target: Target;
}

/** A way to run variants. */
export interface Variants {
  /** Nodes that one pass takes at most. */
  readonly size: number;
  /** Target (nats) with each of the nodes ablated alone, [node]. */
  run(nodes: readonly NodeId[]): Promise<number[]>;
  /**
   * Target (nats) with none ablated, where variants are not run in the arithmetic of the whole pass, as
   * they are when ONNX Runtime does both: near ties of AbsTopK may then fall otherwise, which is no
   * effect of a node. Null where the whole pass says it.
   */
  unablated(): Promise<number | null>;
}

/** Each node ablated at every position up to the token. */
export function everywhere(
  engine: Engine,
  { tokens, edits, edges }: Prefix,
  measure: Measure,
): Variants {
  const length = tokens.length;
  const run = async (nodes: readonly NodeId[]) => {
    const batch = nodes.length;
    const repeated = new Int32Array(batch * length);
    for (let i = 0; i < batch; i++) repeated.set(tokens, i * length);
    const results = await engine.model.run({
      batch,
      tokens: repeated,
      read: Int32Array.of(length - 1),
      edits: editEach(engine, edits, nodes, measure.change),
      edges,
      outputs: [LOGPROBS],
    });
    return targets(engine, results.get(LOGPROBS)!, measure.target);
  };
  const unablated = () => Promise.resolve(null);
  return { size: Math.max(1, Math.floor(TOKENS_A_BATCH / length)), run, unablated };
}

/**
 * Each node ablated only at one token.
 * @param row the token's place in the prefix
 * @param pass the window with nothing ablated
 */
export async function onlyAt(
  engine: Engine,
  { tokens, edits, edges }: Prefix,
  row: number,
  measure: Measure,
  pass: WholePass,
): Promise<Variants> {
  const continuation = await engine.model.continuation(edges.length > 0);
  const past = continuation.past(pass, row);
  const rest = tokens.slice(row);
  const base: SiteEdits = new Map([...edits].map(([name, edit]) => [name, rowsFrom(edit, row)]));
  const kept = edges.map((edit) => edgeRowsFrom(edit, row));
  const run = async (nodes: readonly NodeId[]) => {
    const logprobs = await continuation.run({
      ...{ past, batch: nodes.length, tokens: rest, start: row },
      edits: editEach(engine, base, nodes, measure.change, rest.length),
      edges: kept,
    });
    return targets(engine, logprobs, measure.target);
  };
  const unablated = async () => {
    if (engine.model.engine === 'onnx') return null;
    const step = { past, batch: 1, tokens: rest, start: row, edits: base, edges: kept };
    return targets(engine, await continuation.run(step), measure.target)[0];
  };
  return { size: Math.max(1, Math.floor(LAST_TOKENS_A_BATCH / rest.length)), run, unablated };
}

/** The target by each row of log-probabilities [batch, vocab]. */
function targets({ config: { vocab } }: Engine, logprobs: Float32Array, target: Target): number[] {
  return Array.from({ length: logprobs.length / vocab }, (_, i) =>
    targetValue(target, logprobs.subarray(i * vocab, (i + 1) * vocab)),
  );
}

/**
 * One copy of the edits for each node, with that node ablated.
 * @param length ablate at the first of so many positions; at every one when absent
 */
function editEach(
  { config }: Engine,
  edits: SiteEdits,
  nodes: readonly NodeId[],
  changeOf: Measure['change'],
  length?: number,
): SiteEdits {
  const all = new Map(edits);
  const own = new Map<string, SiteEdit>();
  for (const [i, node] of nodes.entries()) {
    const { layer, site, index } = node;
    const name = siteName(layer, site);
    let edit = own.get(name);
    if (!edit) {
      const base = edits.get(name) ?? neutralEdit(1, 1, siteWidth(config, site));
      edit = copies(base, nodes.length, length ?? base.rows);
      own.set(name, edit);
      all.set(name, edit);
    }
    const { rows, width } = edit;
    const change = changeOf(node);
    for (let row = 0; row < (length === undefined ? rows : 1); row++) {
      compose(edit, (i * rows + row) * width + index, change);
    }
  }
  return all;
}

/** Copies [batch, rows, node] of an edit [1, rows or 1, node]. */
function copies(base: SiteEdit, batch: number, rows: number): SiteEdit {
  const edit = neutralEdit(batch, rows, base.width);
  const count = rows / base.rows;
  for (let at = 0; at < batch * count; at++) {
    edit.keep.set(base.keep, at * base.keep.length);
    edit.add.set(base.add, at * base.add.length);
  }
  return edit;
}
