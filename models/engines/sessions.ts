/**
 * Which engine runs a model: as a person set it, or as a measurement says. It is one for all that a
 * model is asked for, so that what its answers are compared with comes from the same arithmetic.
 */
import { freemem } from 'node:os';
import type { Value } from '../graph/ir';
import type { NumberArray, NumberArrays } from '../graph/numbers';
import { ort } from '../onnxRuntime';
import { Machine } from '../sparse/machine';
import { Machines } from '../sparse/machines';
import { SparseSession } from '../sparse/session';
import { nonzerosOf, SPARSE_BELOW } from '../sparse/constants';
import type { Weights } from '../transformer/parameters';
import { storedArray } from '../transformer/storedWeights';
import { isSparse } from '../graph/sparse';
import { EngineTimes, type PassTimes } from './engineTimes';
import type { EngineChoice, EngineName } from './engineChoice';
import { createSession } from './session';

/** A loaded graph. */
export interface Session {
  readonly engine: EngineName;
  /** Runs it, which may hold the thread's event loop until it is done; only these outputs are copied out. */
  run(feeds: NumberArrays, outputs: readonly string[]): Promise<NumberArrays>;
  /**
   * The same without copies: what is made of the outputs where they lie. They may be written over as
   * soon as `take` returns.
   */
  look<T>(
    feeds: NumberArrays,
    outputs: readonly string[],
    take: (results: NumberArrays) => T,
  ): Promise<T>;
  release(): Promise<void>;
}

/** Makes a graph when it is needed. */
type Graph = () => Record<string, Value>;

/** The graph that is asked for most, by which the engine is chosen. */
export interface MainRequest {
  readonly graph: Graph;
  /** What a typical run is fed, to measure by, and the outputs that it asks for. */
  readonly sample: () => NumberArrays;
  readonly outputs: readonly string[];
}

export interface SessionsOptions {
  readonly engine: EngineChoice;
  /** Threads that an engine computes with. */
  readonly threads: number;
  /** Where a machine of the sparse engine comes from and is given back to; its own where there is none. */
  readonly machines?: Machines;
  /** Whether ONNX Runtime keeps the memory of a pass for the next, as thousands of the same want. */
  readonly memory?: 'kept' | 'returned';
  /** Hash of the bundle, and its numbers: dense models are never tried on the sparse engine. */
  readonly hash: string;
  readonly weights: Weights;
  /** Told in one line what was decided. */
  readonly note: (line: string) => void;
}

/** Runs of each engine whose fastest counts. */
const RUNS = 3;
/**
 * Numbers of a model above which a sparse one is not tried on ONNX Runtime, which multiplies by all of
 * them and takes some 18 bytes each.
 */
const MOST_MEASURED = 2 ** 26;
/**
 * Share of nonzeros below which the sparse engine is not tried beside ONNX Runtime: it was faster wherever
 * both were measured, and a dense copy leaves some 400 MB with the process.
 */
const SURELY_SPARSE = 1 / 40;
/** Share of the machine's free memory that a dense copy may take for a measurement's sake. */
const SHARE_FOR_MEASURING = 0.25;

export class Sessions {
  private machine: Machine | null = null;
  private readonly machines: Machines;
  private engine: EngineName | null;

  constructor(private readonly options: SessionsOptions) {
    this.machines = options.machines ?? new Machines(options.threads);
    this.engine = options.engine === 'auto' ? null : options.engine;
  }

  /** Everything on ONNX Runtime. */
  static onnx(threads: number): Sessions {
    return new Sessions({
      ...{ engine: 'onnx', threads, hash: '', weights: new Map() },
      note: () => undefined,
    });
  }

  /**
   * Everything on the engine that suits the weights, without a measurement: what is computed depends on
   * no clock.
   */
  static fitting(
    weights: Weights,
    machines: Machines,
    memory: SessionsOptions['memory'] = 'returned',
  ): Sessions {
    const engine = isSparseModel(weights) ? 'sparse' : 'onnx';
    const { threads } = machines;
    return new Sessions({
      ...{ engine, threads, machines, memory, hash: '', weights },
      note: () => undefined,
    });
  }

  /**
   * The main graph of a model, opened before all others, on the engine that is set or faster; opened
   * again, on the one that was chosen.
   */
  async openMain(request: MainRequest): Promise<Session> {
    try {
      const session = await this.decided(request);
      this.engine = session.engine;
      return session;
    } catch (error) {
      await this.release();
      throw error;
    }
  }

  /** Another graph of the model, on the engine that runs the main one. */
  open(graph: Graph): Promise<Session> {
    return this.on(this.chosen(), graph);
  }

  private chosen(): EngineName {
    if (!this.engine) throw new Error('the main graph of a model is opened first');
    return this.engine;
  }

  private async decided(request: MainRequest): Promise<Session> {
    const { hash, threads, weights } = this.options;
    if (this.engine) return this.on(this.engine, request.graph);
    if (!isSparseModel(weights)) return this.on('onnx', request.graph);
    const times = EngineTimes.of(hash, threads);
    const known = times.get();
    if (known) return this.on(this.faster(known), request.graph);
    if (isTooLargeToMeasure(weights)) {
      this.options.note('sparse engine (the dense weights would fill the memory)');
      return this.on('sparse', request.graph);
    }
    if (shareOfNonzeros(weights) < SURELY_SPARSE) {
      this.options.note('sparse engine (fewer than 1 weight in 40 is not zero)');
      return this.on('sparse', request.graph);
    }
    return this.measured(request, times);
  }

  /**
   * Frees what the sparse engine holds; sessions are released by their owners, and before. What is opened
   * later takes memory anew.
   */
  async release(): Promise<void> {
    const { machine } = this;
    this.machine = null;
    if (machine) this.machines.give(machine);
    if (!this.options.machines) await this.machines.release();
  }

  private async on(engine: EngineName, graph: Graph): Promise<Session> {
    const { threads, memory } = this.options;
    if (engine === 'onnx') return onnxSession(graph(), threads, memory);
    this.machine ??= this.machines.take();
    return sparseSession(this.machine, graph());
  }

  /** Both engines in turn on the same sample; the slower one is let go. */
  private async measured(request: MainRequest, times: EngineTimes): Promise<Session> {
    const feeds = request.sample();
    const onnx = await this.on('onnx', request.graph);
    let chosen: EngineName | null = null;
    try {
      const sparse = await this.on('sparse', request.graph);
      const fastest = { onnx: Infinity, sparse: Infinity };
      // The first round allocates, and does not count.
      for (let round = 0; round <= RUNS; round++) {
        for (const session of [onnx, sparse]) {
          const start = performance.now();
          await session.run(feeds, request.outputs);
          const took = performance.now() - start;
          if (round > 0) fastest[session.engine] = Math.min(fastest[session.engine], took);
        }
      }
      times.put(fastest);
      chosen = this.faster(fastest);
      return chosen === 'onnx' ? onnx : sparse;
    } finally {
      if (chosen !== 'onnx') await onnx.release();
      if (chosen !== 'sparse') await this.release();
    }
  }

  private faster(times: PassTimes): EngineName {
    const chosen = times.sparse < times.onnx ? 'sparse' : 'onnx';
    const [onnx, sparse] = [times.onnx, times.sparse].map((ms) => `${ms.toFixed(1)} ms`);
    this.options.note(`${chosen} engine (a window in ONNX Runtime ${onnx}, sparse ${sparse})`);
    return chosen;
  }
}

const shares = new WeakMap<Weights, number>();

/** Whether most matrices are worth multiplying nonzero by nonzero. */
function isSparseModel(weights: Weights): boolean {
  return shareOfNonzeros(weights) < SPARSE_BELOW;
}

/** Share of the entries of all matrices that are not zero; counted once. */
function shareOfNonzeros(weights: Weights): number {
  const known = shares.get(weights) ?? countNonzeros(weights);
  shares.set(weights, known);
  return known;
}

function countNonzeros(weights: Weights): number {
  let [nonzeros, all] = [0, 0];
  for (const name of weights.keys()) {
    if (!name.endsWith('.weight')) continue;
    const data = storedArray(weights, name)!;
    all += data.length;
    nonzeros += isSparse(data) ? data.values.length : nonzerosOf(data);
  }
  return all === 0 ? 1 : nonzeros / all;
}

function isTooLargeToMeasure(weights: Weights): boolean {
  let numbers = 0;
  for (const name of weights.keys()) numbers += storedArray(weights, name)!.length;
  return numbers > MOST_MEASURED || 4 * numbers > SHARE_FOR_MEASURING * freemem();
}

/** A graph on a machine, which holds the constants of all its sessions until it is released itself. */
function sparseSession(machine: Machine, graph: Record<string, Value>): Session {
  const session = new SparseSession(machine, graph);
  return {
    engine: 'sparse',
    run: async (feeds, outputs) => copiesOf(session.run(feeds, outputs)),
    look: async (feeds, outputs, take) => take(session.run(feeds, outputs)),
    release: () => Promise.resolve(),
  };
}

async function onnxSession(
  graph: Record<string, Value>,
  threads: number,
  memory: SessionsOptions['memory'] = 'returned',
): Promise<Session> {
  const session = await createSession(graph, threads, { memory });
  const run: Session['run'] = async (feeds, names) => {
    const given = Object.entries(feeds).map(([name, x]) => [name, onnxTensor(x)] as const);
    const results = await session.run(Object.fromEntries(given), names);
    return Object.fromEntries(names.map((name) => [name, results[name] as NumberArray]));
  };
  return {
    ...{ engine: 'onnx', run },
    look: async (feeds, names, take) => take(await run(feeds, names)),
    release: () => session.release(),
  };
}

function copiesOf(results: NumberArrays): NumberArrays {
  const all = Object.entries(results);
  return Object.fromEntries(all.map(([name, x]) => [name, { ...x, data: x.data.slice() }]));
}

function onnxTensor({ data, dims }: NumberArray): ort.Tensor {
  return data instanceof Float32Array
    ? new ort.Tensor('float32', data, dims)
    : new ort.Tensor('int32', data, dims);
}
