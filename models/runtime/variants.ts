/**
 * Many ablations of one prediction in one pass: each row of a batch has another node ablated. At every
 * position the whole text up to the token is run again; only at the token, its keys and values of
 * earlier positions stand, and one position is run.
 */
import { siteWidth, type Site } from '../transformer/config';
import type { Engine } from './engine';
import {
  changeOf,
  compose,
  lastRow,
  neutralEdit,
  type Ablation,
  type SiteEdit,
  type SiteEdits,
} from './interventions';
import { LOGPROBS } from '../transformer/graphs';

/** Tokens in one pass: enough to keep the cores busy, few enough to cancel soon. */
const TOKENS_A_BATCH = 1024;
/** Nodes in one pass of a single position each. */
const NODES_A_BATCH = 256;

/** Nodes of one site: indices and activations, [node]. */
export interface SiteNodes {
  readonly name: string;
  readonly layer: number;
  readonly site: Site;
  readonly indices: Int32Array;
  readonly values: Float32Array;
}

/** The tokens up to the one asked about, and what is done to them anyway. */
export interface Prefix {
  /** [pos] */
  readonly tokens: Int32Array;
  readonly edits: SiteEdits;
}

/** A way to run variants. */
export interface Variants {
  /** Nodes that one pass takes at most. */
  readonly size: number;
  /** Log-probability (nats) of the target with each of the nodes ablated alone, [node]. */
  run(nodes: SiteNodes): Promise<number[]>;
}

/** Each node ablated at every position up to the token. */
export function everywhere(
  engine: Engine,
  { tokens, edits }: Prefix,
  ablation: Ablation,
  target: number,
): Variants {
  const length = tokens.length;
  const run = async (nodes: SiteNodes) => {
    const batch = nodes.indices.length;
    const repeated = new Int32Array(batch * length);
    for (let i = 0; i < batch; i++) repeated.set(tokens, i * length);
    const results = await engine.model.run({
      batch,
      tokens: repeated,
      read: Int32Array.of(length - 1),
      edits: new Map(edits).set(nodes.name, editEach(engine, edits, nodes, ablation)),
      outputs: [LOGPROBS],
    });
    return targetColumn(engine, results.get(LOGPROBS)!, target, batch);
  };
  return { size: Math.max(1, Math.floor(TOKENS_A_BATCH / length)), run };
}

/**
 * Each node ablated only at the token.
 * @param sites the unablated activations of the window by site name, [pos, node]
 */
export async function onlyHere(
  engine: Engine,
  { tokens, edits }: Prefix,
  ablation: Ablation,
  target: number,
  sites: ReadonlyMap<string, Float32Array>,
): Promise<Variants> {
  const last = tokens.length - 1;
  const continuation = await engine.model.continuation();
  const past = continuation.past(sites, last);
  const here: SiteEdits = new Map([...edits].map(([name, edit]) => [name, lastRow(edit)]));
  const run = async (nodes: SiteNodes) => {
    const batch = nodes.indices.length;
    const edit = editEach(engine, here, nodes, ablation);
    const logprobs = await continuation.run({
      ...{ past, batch, token: tokens[last], index: last },
      edits: new Map(here).set(nodes.name, edit),
    });
    return targetColumn(engine, logprobs, target, batch);
  };
  return { size: NODES_A_BATCH, run };
}

function targetColumn({ config }: Engine, logprobs: Float32Array, target: number, batch: number) {
  return Array.from({ length: batch }, (_, i) => logprobs[i * config.vocab + target]);
}

/** One copy of a site's edit for each node, with that node ablated in every row. */
function editEach(
  { means, config }: Engine,
  edits: SiteEdits,
  { name, site, indices }: SiteNodes,
  ablation: Ablation,
): SiteEdit {
  const base = edits.get(name) ?? neutralEdit(1, 1, siteWidth(config, site));
  const { rows, width } = base;
  const edit = neutralEdit(indices.length, rows, width);
  indices.forEach((index, i) => {
    const start = i * rows * width;
    edit.keep.set(base.keep, start);
    edit.add.set(base.add, start);
    const change = changeOf(ablation, means.get(name)![index]);
    for (let row = 0; row < rows; row++) compose(edit, start + row * width + index, change);
  });
  return edit;
}
