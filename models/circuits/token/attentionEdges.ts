/** Edges of attention: contributions of values, keys and the query to a head's write at a token. */
import type { MatrixRows } from '../../graph/matrixRows';
import { siteWidth } from '../../transformer/config';
import { nodeName, siteName, type NodeId } from '../../transformer/nodes';
import { type ModelEdges } from '../../weights/edges';
import { LAYER_MATRICES } from '../../transformer/matrices';
import { patternRow } from './attention';
import type { Placed, TracedWindow } from './traced';
import type { CircuitEdge } from './circuit';

const OUTPUT = LAYER_MATRICES.find(({ part }) => part === 'attn.out')!;

/** Edges from values, keys and queries to the attention writes among the nodes. */
export function attentionEdges(
  model: ModelEdges,
  window: TracedWindow,
  nodes: readonly Placed[],
): CircuitEdge[] {
  const { dHead } = model.config;
  const edges: CircuitEdge[] = [];
  const patterns = new Map<string, Float64Array>();
  for (const to of nodes.filter(({ node }) => node.site === 'attn.resid_delta')) {
    const { layer } = to.node;
    const mixed = new Map<number, HeadWrite>();
    for (const from of nodes) {
      if (from.node.layer !== layer || from.row > to.row) continue;
      const { site } = from.node;
      if (site !== 'attn.v' && site !== 'attn.k' && !(site === 'attn.q' && from.row === to.row))
        continue;
      const head = Math.floor(from.node.index / dHead);
      const key = `${layer}.${head}.${to.row}`;
      const row = patterns.get(key) ?? patternRow(model, window.sites, { layer, head }, to.row);
      patterns.set(key, row);
      const write = mixed.get(head) ?? new HeadWrite(model, window, to, head, row);
      mixed.set(head, write);
      edges.push(write.edge(from.node, from.row));
    }
  }
  return edges;
}

/** Write of one head to one channel at one token. */
class HeadWrite {
  /** Write of each row's values if it had all the attention, [key]. */
  private readonly values: Float64Array;
  /** Their actual write, weighted by attention. */
  private readonly mean: number;
  private readonly output: MatrixRows;

  constructor(
    private readonly model: ModelEdges,
    private readonly window: TracedWindow,
    private readonly to: Placed,
    private readonly head: number,
    /** Pattern of the head at the token, [1 + key]. */
    private readonly row: Float64Array,
  ) {
    const { layer } = to.node;
    const { dHead } = model.config;
    this.output = model.matrix(layer, OUTPUT);
    const v = window.sites.get(siteName(layer, 'attn.v'))!;
    const width = siteWidth(model.config, 'attn.v');
    this.values = Float64Array.from({ length: to.row + 1 }, (_, key) => {
      let sum = 0;
      for (let i = head * dHead; i < (head + 1) * dHead; i++)
        sum += v[key * width + i] * this.weight(i);
      return sum;
    });
    this.mean = this.values.reduce((sum, value, key) => sum + value * row[key + 1], 0);
  }

  /** Entry of the output matrix from a value channel to the write. */
  private weight(index: number): number {
    return this.output.at(index, this.to.node.index);
  }

  /** The edge from a value, key or query of the head. */
  edge(from: NodeId, row: number): CircuitEdge {
    const { start, sites } = this.window;
    const width = siteWidth(this.model.config, from.site);
    const source = sites.get(siteName(from.layer, from.site))![row * width + from.index];
    const weight = this.slope(from, row);
    return {
      kind: from.site === 'attn.v' ? 'attention' : from.site === 'attn.k' ? 'key' : 'query',
      ...{ from: nodeName(from), fromToken: start + row },
      ...{ to: nodeName(this.to.node), toToken: start + this.to.row },
      ...{ weight, contribution: weight * source },
    };
  }

  /** Derivative of the write by the node's activation. */
  private slope({ site, index }: NodeId, row: number): number {
    if (site === 'attn.v') return this.row[row + 1] * this.weight(index);
    const channel = index % this.model.config.dHead;
    const other = site === 'attn.k' ? 'attn.q' : 'attn.k';
    const { heads, dHead } = this.model.config;
    const data = this.window.sites.get(siteName(this.to.node.layer, other))!;
    const partner = (at: number) =>
      data[at * heads * dHead + this.head * dHead + channel] / Math.sqrt(dHead);
    // Softmax: the share of a key moves by share · (its score's change - the mean change).
    const change = (key: number) => this.row[key + 1] * (this.values[key] - this.mean);
    if (site === 'attn.k') return partner(this.to.row) * change(row);
    return this.values.reduce((sum, _, key) => sum + partner(key) * change(key), 0);
  }
}
