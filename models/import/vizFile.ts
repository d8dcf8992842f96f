/** Circuits as OpenAI publishes them: one `viz_data.pt` each. Nothing in it is run. */
import { ImportError } from './error';
import { TensorRef, type Pickled } from './pickle';
import { TorchFile } from './torchFile';

/** What is taken of a file. Losses are cross-entropies in nats, halved where the file has them doubled. */
export interface VizCircuit {
  /** Names of the nodes that are kept. */
  readonly nodes: readonly string[];
  /** Nodes of the whole model. */
  readonly allNodes: number;
  /** Weights between the nodes to which the file gives a strength. */
  readonly edges: number;
  /** Task loss of the whole model and of the circuit. */
  readonly loss: { readonly model: number; readonly circuit: number };
  /** Loss of the circuit without one node, by its name; empty where the file has none. */
  readonly lossWithout: ReadonlyMap<string, number>;
}

type Dict = Extract<Pickled, Map<unknown, unknown>>;

/** Losses are stored at twice their value. */
const DOUBLED = 2;
/** A site of a layer, or the one after all of them. */
const PLACE =
  /^(\d+\.(attn\.(act_in|q|k|v|resid_delta)|mlp\.(act_in|post_act|resid_delta))|final_resid)$/;
/** Lists of edges may be lists of such lists. */
const MOST_DEPTH = 4;

/**
 * Reads the circuit of a file.
 * @throws ImportError when the file is none, or says something that cannot be
 */
export function readViz(path: string): VizCircuit {
  const file = TorchFile.open(path);
  try {
    return new Reading(file).circuit();
  } finally {
    file.close();
  }
}

class Reading {
  constructor(private readonly file: TorchFile) {}

  circuit(): VizCircuit {
    const content = this.dict(this.file.content, 'the file');
    const kept = this.dict(content.get('circuit_data'), 'circuit_data');
    const importances = this.dict(content.get('importances'), 'importances');
    const allNodes = this.number(content.get('num_total_nodes'), 'num_total_nodes');
    const places = [...kept].filter(([place]) => place !== 'prune_config');
    const channels = new Map(
      places.map(([place, list]) => {
        if (typeof place === 'string' && PLACE.test(place))
          return [place, this.integers(list, place)];
        throw this.wrong(`circuit_data has '${String(place)}', which is not a place in a model`);
      }),
    );
    const nodes = [...channels].flatMap(([place, list]) => list.map((c) => `${place}.${c}`));
    if (new Set(nodes).size < nodes.length) throw this.wrong('circuit_data names a node twice');
    return {
      ...{ nodes, allNodes, lossWithout: this.lossWithout(importances, channels) },
      edges: this.edges(importances.get('pair_data') ?? [], MOST_DEPTH),
      loss: {
        model: this.loss(importances.get('loss'), 'loss'),
        circuit: this.loss(importances.get('interv_loss'), 'interv_loss'),
      },
    };
  }

  /** By node, in the order in which its place lists them. */
  private lossWithout(
    importances: Dict,
    channels: ReadonlyMap<string, readonly number[]>,
  ): Map<string, number> {
    const stored = importances.get('ch_interv_losses');
    const found = new Map<string, number>();
    if (stored === undefined) return found;
    for (const [place, list] of this.dict(stored, 'ch_interv_losses')) {
      const own = channels.get(String(place));
      const what = `ch_interv_losses at ${String(place)}`;
      const losses = this.list(list, what).map((one) => this.loss(one, what));
      if (own?.length !== losses.length) {
        throw this.wrong(`${what} has ${losses.length} losses for ${own?.length ?? 0} nodes`);
      }
      for (const [i, loss] of losses.entries()) found.set(`${String(place)}.${own[i]}`, loss);
    }
    return found;
  }

  /** Strengths that are not zero, in entries [matrix, sources, targets, places] however deep. */
  private edges(list: Pickled, depth: number): number {
    const items = this.list(list, 'pair_data');
    const [matrix] = items;
    if (matrix instanceof TensorRef) {
      return this.file.floats(matrix).reduce((sum, x) => sum + (x === 0 ? 0 : 1), 0);
    }
    if (depth === 0) throw this.wrong('pair_data has no matrices');
    return items.reduce<number>((sum, item) => sum + this.edges(item, depth - 1), 0);
  }

  private loss(value: Pickled | undefined, what: string): number {
    const loss = this.number(value, what) / DOUBLED;
    if (loss >= 0) return loss;
    throw this.wrong(`${what} is ${loss * DOUBLED}, which cannot be a loss`);
  }

  /** A number, or an array of one. */
  private number(value: Pickled | undefined, what: string): number {
    const is = value instanceof TensorRef ? this.numbers(value) : [value];
    const [number] = is;
    if (is.length === 1 && typeof number === 'number' && Number.isFinite(number)) return number;
    throw this.wrong(`${what} is not a number`);
  }

  private list(value: Pickled, what: string): Pickled[] {
    if (value instanceof TensorRef) return this.numbers(value);
    if (Array.isArray(value)) return value;
    throw this.wrong(`${what} is not a list`);
  }

  private integers(value: Pickled, what: string): number[] {
    return this.list(value, what).map((item) => {
      if (typeof item === 'number' && Number.isInteger(item) && item >= 0) return item;
      throw this.wrong(`${what} lists something that is not a channel`);
    });
  }

  private numbers(tensor: TensorRef): number[] {
    return this.file.isFloat(tensor) ? [...this.file.floats(tensor)] : this.file.integers(tensor);
  }

  private dict(value: Pickled | undefined, what: string): Dict {
    if (value instanceof Map) return value;
    throw this.wrong(`${what} is not a dictionary`);
  }

  private wrong(what: string): ImportError {
    return new ImportError(`${this.file.path} is not a published circuit: ${what}`);
  }
}
