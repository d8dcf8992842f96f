/** How a circuit's nodes are wired: which weights join them, and how many more the model has there. */
import type { Circuit } from '../../circuits/file/circuitFile';
import { type ModelEdges } from '../../weights/edges';
import { isRead, isWrite } from '../../weights/modelWeights';
import { LAYER_MATRICES } from '../../transformer/matrices';
import { siteWidth } from '../../transformer/config';
import { nodeName, parseNode } from '../../transformer/nodes';

/** A node's other end, and the weight; of the residual stream there is none, a write is read as it is. */
export interface Wire {
  readonly node: string;
  readonly weight: number | null;
}

export interface Wiring {
  /** Nonzero weights of the model that touch a node of the core, and that join two. */
  readonly touching: number;
  readonly joining: number;
  /** By node: nonzero weights at it in the model, and those that the circuit keeps. */
  readonly degrees: ReadonlyMap<string, { readonly model: number; readonly kept: number }>;
  /** By node: what feeds it within the circuit, largest weight first. */
  readonly feeds: ReadonlyMap<string, readonly Wire[]>;
}

/** The wiring of a circuit's core. */
export function wiringOf(model: ModelEdges, circuit: Pick<Circuit, 'core' | 'edges'>): Wiring {
  const { config } = model;
  const degrees = new Map(circuit.core.map((name) => [name, { model: 0, kept: 0 }]));
  let [touching, joining] = [0, 0];
  for (let layer = 0; layer < config.layers; layer++) {
    for (const matrix of LAYER_MATRICES) {
      const ends = (site: typeof matrix.from, count: number) =>
        Array.from({ length: count }, (_, index) => degrees.get(nodeName({ layer, site, index })));
      const left = ends(matrix.from, siteWidth(config, matrix.from));
      const right = ends(matrix.to, siteWidth(config, matrix.to));
      const rows = model.matrix(layer, matrix);
      left.forEach((from, row) => {
        rows.visit(row, (column) => {
          const to = right[column];
          if (from) from.model++;
          if (to) to.model++;
          if (from ?? to) touching++;
          if (from && to) joining++;
        });
      });
    }
  }
  const feeds = new Map<string, Wire[]>(circuit.core.map((name) => [name, []]));
  for (const { from, to, weight } of circuit.edges) {
    feeds.get(to)!.push({ node: from, weight });
    degrees.get(from)!.kept++;
    degrees.get(to)!.kept++;
  }
  for (const own of feeds.values()) own.sort((a, b) => Math.abs(b.weight!) - Math.abs(a.weight!));
  for (const { from, to } of residualWires(model, circuit.core)) {
    feeds.get(to)!.push({ node: from, weight: null });
  }
  return { touching, joining, degrees, feeds };
}

/** Writes and the later reads of their channels. */
function residualWires({ config }: ModelEdges, names: readonly string[]) {
  const nodes = names.map((name) => ({ name, ...parseNode(name, config) }));
  const writes = new Map<number, typeof nodes>();
  for (const node of nodes) {
    if (!isWrite(node.site)) continue;
    writes.set(node.index, [...(writes.get(node.index) ?? []), node]);
  }
  return nodes
    .filter(({ site }) => isRead(site))
    .flatMap((read) =>
      (writes.get(read.index) ?? [])
        .filter(
          ({ layer, site }) =>
            layer < read.layer ||
            (layer === read.layer && site === 'attn.resid_delta' && read.site === 'mlp.act_in'),
        )
        .map(({ name }) => ({ from: name, to: read.name })),
    );
}
