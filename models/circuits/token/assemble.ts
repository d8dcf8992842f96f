/** The edges between chosen nodes at their tokens, each with its contribution. */
import { FINAL_SITE, normEpsilon, siteWidth } from '../../transformer/config';
import { nodeName, siteName, vertexName, type NodeId } from '../../transformer/nodes';
import { type ModelEdges } from '../../weights/edges';
import { isRead, isWrite, normOf } from '../../weights/modelWeights';
import { attentionEdges } from './attentionEdges';
import type { Placed, TracedWindow } from './traced';
import type { Sites } from './attention';
import type { CircuitEdge } from './circuit';

/** Tokens of smaller probability are left out of the mean logit. */
const NEGLIGIBLE = 1e-7;

/** Activation of a node at a row. */
function activationAt({ config }: ModelEdges, sites: Sites, { node, row }: Placed): number {
  const { layer, site, index } = node;
  return sites.get(siteName(layer, site))![row * siteWidth(config, site) + index];
}

/** The prediction that a circuit ends in. */
export interface Predicted {
  /** Where it is made. */
  readonly row: number;
  /** Token ids asked about. */
  readonly outputs: readonly number[];
  /** Log-probabilities (nats), [vocab]. */
  readonly logprobs: Float32Array;
}

/** Every edge between the nodes, from the tokens' embeddings to the nodes, and into the outputs. */
export function circuitEdges(
  model: ModelEdges,
  window: TracedWindow,
  nodes: readonly Placed[],
  predicted: Predicted,
): CircuitEdge[] {
  const { row } = predicted;
  const rows = new Map<number, NodeId[]>();
  for (const { node, row: at } of nodes) {
    const own = rows.get(at);
    if (own) own.push(node);
    else rows.set(at, [node]);
  }
  if (!rows.has(row)) rows.set(row, []);
  const edges = [...rows].flatMap(([at, own]) => {
    const token = new TokenEdges(model, window, at, own);
    return [...token.weights(), ...token.reads(), ...(at === row ? token.logits(predicted) : [])];
  });
  edges.push(...attentionEdges(model, window, nodes));
  const kept = edges.filter(({ contribution }) => contribution !== 0);
  return kept.sort((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution));
}

/** Scale of the norm at each place that reads the residual stream at a row: 1 / root mean square. */
function normScales(model: ModelEdges, window: TracedWindow, row: number): Map<string, number> {
  const { config } = model;
  const { dModel, layers } = config;
  const stream = Float64Array.from({ length: dModel }, (_, c) =>
    model.streamStart(window.ids[row], row, c),
  );
  const scales = new Map<string, number>();
  const note = (norm: string) => {
    const square = stream.reduce((sum, x) => sum + x * x, 0) / dModel;
    scales.set(norm, config.norm === 'none' ? 1 : 1 / Math.sqrt(square + normEpsilon(config)));
  };
  for (let layer = 0; layer < layers; layer++) {
    for (const part of ['attn', 'mlp'] as const) {
      note(normOf(layer, `${part}.act_in`));
      const delta = window.sites.get(siteName(layer, `${part}.resid_delta`))!;
      for (let c = 0; c < dModel; c++) stream[c] += delta[row * dModel + c];
    }
  }
  const final = window.sites.get(FINAL_SITE); // The stream as interventions leave it.
  if (final) stream.set(final.subarray(row * dModel, (row + 1) * dModel));
  note('final');
  return scales;
}

/** Edges within one token. */
class TokenEdges {
  private readonly scales: ReadonlyMap<string, number>;
  private readonly token: number;
  /** Nodes that write, by channel. */
  private readonly writes = new Map<number, NodeId[]>();

  constructor(
    private readonly model: ModelEdges,
    private readonly window: TracedWindow,
    private readonly row: number,
    private readonly nodes: readonly NodeId[],
  ) {
    this.scales = normScales(model, window, row);
    this.token = window.start + row;
    for (const node of nodes) {
      if (!isWrite(node.site)) continue;
      const own = this.writes.get(node.index);
      if (own) own.push(node);
      else this.writes.set(node.index, [node]);
    }
  }

  /** Through weight matrices, those of attention outputs left out. */
  weights(): CircuitEdge[] {
    return this.model
      .weightsBetween(this.nodes.map(nodeName))
      .filter(({ matrix }) => matrix.part !== 'attn.out')
      .map(({ layer, matrix, from, to, weight }) => {
        const source = { layer, site: matrix.from, index: from };
        const name = nodeName({ layer, site: matrix.to, index: to });
        return this.edge('weight', source, name, weight);
      });
  }

  /** From the embedding and from writes to the reads of their channels. */
  reads(): CircuitEdge[] {
    const { dModel } = this.model.config;
    return this.nodes
      .filter(({ site, index }) => site === FINAL_SITE || (isRead(site) && index < dModel))
      .flatMap((to) => {
        const scale = isRead(to.site) ? this.scale(normOf(to.layer, to.site), to.index) : 1;
        const sources = this.writesTo(to.index).filter((from) => isEarlier(from, to));
        const name = nodeName(to);
        return [
          this.fromEmbedding('residual', name, scale * this.embedding(to.index)),
          ...sources.map((from) => this.edge('residual', from, name, scale)),
        ];
      });
  }

  /** Into the outputs: each logit less the mean logit, which is what moves a log-probability. */
  logits({ outputs, logprobs }: Predicted): CircuitEdge[] {
    const { config } = this.model;
    const shares = Float64Array.from(logprobs, (logprob) => {
      const share = Math.exp(logprob);
      return share > NEGLIGIBLE ? share : 0;
    });
    const total = shares.reduce((sum, share) => sum + share, 0);
    const means = this.model.fromLogits(shares).map((sum) => sum / total);
    const table = this.model.bigram()?.subarray(this.window.ids[this.row] * config.vocab);
    return outputs.flatMap((id) => {
      const to = vertexName({ kind: 'logit', index: id });
      const weight = (c: number) =>
        this.scale('final', c) * (this.model.unembedding(c, id) - means[c]);
      // Where the circuit has a node of the final stream, its channel is read from there.
      const between = new Set(
        this.nodes.filter(({ site }) => site === FINAL_SITE).map(({ index }) => index),
      );
      let embedded = 0;
      for (let c = 0; c < config.dModel; c++) {
        if (!between.has(c)) embedded += weight(c) * this.embedding(c);
      }
      const found = this.nodes
        .filter(({ site, index }) => site === FINAL_SITE || (isWrite(site) && !between.has(index)))
        .map((from) => this.edge('logit', from, to, weight(from.index)));
      found.push(this.fromEmbedding('logit', to, embedded));
      if (table) {
        const mean = shares.reduce((sum, share, other) => sum + share * table[other], 0) / total;
        const entry = table[id] - mean;
        found.push({ ...this.fromEmbedding('logit', to, entry), from: 'bigram' });
      }
      return found;
    });
  }

  private writesTo(channel: number): NodeId[] {
    return this.writes.get(channel) ?? [];
  }

  private embedding(channel: number): number {
    return this.model.streamStart(this.window.ids[this.row], this.row, channel);
  }

  private scale(norm: string, channel: number): number {
    return this.scales.get(norm)! * this.model.gain(norm, channel);
  }

  private edge(kind: CircuitEdge['kind'], from: NodeId, to: string, weight: number): CircuitEdge {
    const source = activationAt(this.model, this.window.sites, { node: from, row: this.row });
    return {
      ...{ kind, from: nodeName(from), fromToken: this.token, to, toToken: this.token },
      ...{ weight, contribution: weight * source },
    };
  }

  private fromEmbedding(kind: CircuitEdge['kind'], to: string, weight: number): CircuitEdge {
    const ends = { from: 'embed', fromToken: this.token, to, toToken: this.token };
    return { kind, ...ends, weight, contribution: weight };
  }
}

/** Whether a write comes before a read. */
function isEarlier(write: NodeId, read: NodeId): boolean {
  if (write.layer !== read.layer) return write.layer < read.layer;
  return write.site === 'attn.resid_delta' && read.site === 'mlp.act_in';
}
