/** Interventions on single weights, and the numbers that the graph takes for them. */
import type { ModelEdges, Weight } from '../weights/edges';
import type { NumberArray } from '../graph/numbers';
import type { TransformerConfig } from '../transformer/config';
import { edgeInputs } from '../transformer/edgeEdits';
import { matrices } from '../transformer/matrices';
import { parseNode, siteName } from '../transformer/nodes';
import { changeOf, compose, neutralEdit, rowsOf } from './interventions';
import type { Intervention, NodeSource, SiteEdit } from './interventions';

/** What one weight carries, changed: weight × (activation · keep + add) in the place of weight × activation. */
export interface EdgeEdit extends SiteEdit {
  /** Name of its matrix, `layers.0.attn.q`. */
  readonly matrix: string;
  readonly from: number;
  readonly to: number;
  readonly weight: number;
}

/** What compiling needs to know of a model. */
export interface EdgeSource extends NodeSource {
  readonly edges: ModelEdges;
}

/**
 * The weight through which a node reads another.
 * @throws when there is none
 */
export function weightBetween(edges: ModelEdges, from: string, to: string): Weight {
  const found = edges.weightsBetween([from, to]).find(({ layer, matrix, from: a, to: b }) => {
    const name = (site: string, index: number) => `${layer}.${site}.${index}`;
    return name(matrix.from, a) === from && name(matrix.to, b) === to;
  });
  if (!found)
    throw new Error(`no weight leads from ${from} to ${to}; name two nodes that one joins`);
  return found;
}

/**
 * The edits of weights that a list of interventions makes in the tokens `start` to `end` of a text.
 * @throws when a node is not the model's, or no weight joins two
 */
export function compileEdges(
  interventions: readonly Intervention[],
  { config, means, edges }: EdgeSource,
  { start, end }: { readonly start: number; readonly end: number },
): EdgeEdit[] {
  const found = new Map<string, EdgeEdit>();
  for (const { nodes, into, positions, kind } of interventions) {
    if (into === undefined) continue;
    parseNode(into, config);
    for (const [i, name] of nodes.entries()) {
      const { layer, site, index } = parseNode(name, config);
      const key = `${name} ${into}`;
      const edit = found.get(key) ?? edgeEdit(weightBetween(edges, name, into), end - start);
      found.set(key, edit);
      const change =
        kind.kind === 'patch'
          ? { keep: 0, add: kind.values[i] }
          : changeOf(kind, means.get(siteName(layer, site))![index]);
      const [first, last] = rowsOf(positions, start, edit.rows);
      for (let row = first; row < last; row++) compose(edit, row, change);
    }
  }
  return [...found.values()];
}

function edgeEdit({ layer, matrix, from, to, weight }: Weight, rows: number): EdgeEdit {
  return { ...neutralEdit(1, rows, 1), matrix: `layers.${layer}.${matrix.part}`, from, to, weight };
}

/** What an edit does from a row on. */
export function edgeRowsFrom(edit: EdgeEdit, row: number): EdgeEdit {
  return {
    ...edit,
    rows: edit.rows - row,
    keep: edit.keep.slice(row),
    add: edit.add.slice(row),
  };
}

/**
 * Feeds of all matrices; those without an edit have one that changes nothing.
 * @param length rows that the graph takes, by default those of the edits; those after the last are as they are
 */
export function edgeFeeds(
  config: TransformerConfig,
  edits: readonly EdgeEdit[],
  length?: number,
): Record<string, NumberArray> {
  const feeds: Record<string, NumberArray> = {};
  for (const { name, inputs, outputs } of matrices(config)) {
    const own = edits.filter(({ matrix }) => matrix === name);
    const count = Math.max(1, own.length);
    const rows = length ?? own[0]?.rows ?? 1;
    const source = new Float32Array(inputs * count);
    const target = new Float32Array(count * outputs);
    const [keep, add] = [new Float32Array(rows * count), new Float32Array(rows * count)];
    for (const [i, { from, to, weight, ...edit }] of own.entries()) {
      source[from * count + i] = 1;
      target[i * outputs + to] = weight;
      // The product has the weight in it already.
      for (let row = 0; row < edit.rows; row++) {
        keep[row * count + i] = edit.keep[row] - 1;
        add[row * count + i] = edit.add[row];
      }
    }
    const inputsOf = edgeInputs(name);
    feeds[inputsOf.source] = { data: source, dims: [inputs, count] };
    feeds[inputsOf.keep] = { data: keep, dims: [1, rows, count] };
    feeds[inputsOf.add] = { data: add, dims: [1, rows, count] };
    feeds[inputsOf.target] = { data: target, dims: [count, outputs] };
  }
  return feeds;
}
