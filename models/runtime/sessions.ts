/** Which engine runs what of a model: as a person set it, or as a measurement says. */
import { freemem } from 'node:os';
import type { Value } from '../graph/ir';
import type { NumberArray, NumberArrays } from '../graph/numbers';
import { ort } from '../onnxRuntime';
import { Machine } from '../sparse/machine';
import { SparseSession } from '../sparse/session';
import { SPARSE_BELOW } from '../sparse/constants';
import type { Weights } from '../transformer/parameters';
import { EngineTimes, type PassTimes, type TimedPass } from './engineTimes';
import type { EngineChoice, EngineName } from './engineChoice';
import { createSession } from './session';

/** A loaded graph. */
export interface Session {
  readonly engine: EngineName;
  /** Runs it, which may hold the thread's event loop until it is done; only these outputs are copied out. */
  run(feeds: NumberArrays, outputs: readonly string[]): Promise<NumberArrays>;
  release(): Promise<void>;
}

/** What a session is wanted for. */
export interface SessionRequest {
  readonly kind: TimedPass;
  readonly graph: () => Record<string, Value>;
  /** What a typical run is fed, to measure by, and the outputs that it asks for. */
  readonly sample: () => NumberArrays;
  readonly outputs: readonly string[];
}

export interface SessionsOptions {
  readonly engine: EngineChoice;
  /** Threads that an engine computes with. */
  readonly threads: number;
  /** Hash of the bundle, and its numbers: dense models are never tried on the sparse engine. */
  readonly hash: string;
  readonly weights: Weights;
  /** Told in one line what was decided. */
  readonly note: (line: string) => void;
}

/** Runs of each engine whose fastest counts. */
const RUNS = 3;
/** Share of the machine's free memory that a dense copy may take for a measurement's sake. */
const SHARE_FOR_MEASURING = 0.25;

export class Sessions {
  private machine: Machine | null = null;

  constructor(private readonly options: SessionsOptions) {}

  /** Everything on ONNX Runtime. */
  static onnx(threads: number): Sessions {
    return new Sessions({
      ...{ engine: 'onnx', threads, hash: '', weights: new Map() },
      note: () => undefined,
    });
  }

  /** A graph made ready on the engine that is set, or else on the faster one. */
  async open(request: SessionRequest): Promise<Session> {
    const { engine, hash, threads } = this.options;
    if (engine !== 'auto') return this.on(engine, request);
    if (!this.isSparse()) return this.on('onnx', request);
    const times = EngineTimes.of(hash, threads);
    const known = times.get(request.kind);
    if (known) return this.on(this.decided(request.kind, known), request);
    if (this.isTooLargeToMeasure()) {
      this.options.note(`${request.kind}: sparse engine (the dense weights would fill the memory)`);
      return this.on('sparse', request);
    }
    return this.measured(request, times);
  }

  /** Frees what the sparse engine holds; sessions are released by their owners, and before. */
  async release(): Promise<void> {
    await this.machine?.release();
    this.machine = null;
  }

  private async on(engine: EngineName, request: SessionRequest): Promise<Session> {
    const { threads } = this.options;
    if (engine === 'onnx') return onnxSession(request.graph(), threads);
    this.machine ??= new Machine(threads);
    const session = new SparseSession(this.machine, request.graph());
    return {
      engine,
      run: (feeds, outputs) => Promise.resolve(session.run(feeds, outputs)),
      // The machine holds the constants of all sessions.
      release: () => Promise.resolve(),
    };
  }

  /** Both engines in turn on the same sample; the slower one is let go. */
  private async measured(request: SessionRequest, times: EngineTimes): Promise<Session> {
    const feeds = request.sample();
    const sessions = [await this.on('onnx', request), await this.on('sparse', request)];
    const fastest = { onnx: Infinity, sparse: Infinity };
    // The first round allocates, and does not count.
    for (let round = 0; round <= RUNS; round++) {
      for (const session of sessions) {
        const start = performance.now();
        await session.run(feeds, request.outputs);
        const took = performance.now() - start;
        if (round > 0) fastest[session.engine] = Math.min(fastest[session.engine], took);
      }
    }
    times.put(request.kind, fastest);
    const chosen = this.decided(request.kind, fastest);
    await Promise.all(sessions.map((each) => (each.engine === chosen ? null : each.release())));
    return sessions.find(({ engine }) => engine === chosen)!;
  }

  private decided(kind: TimedPass, times: PassTimes): EngineName {
    const chosen = times.sparse < times.onnx ? 'sparse' : 'onnx';
    const [onnx, sparse] = [times.onnx, times.sparse].map((ms) => `${ms.toFixed(1)} ms`);
    this.options.note(`${kind}: ${chosen} engine (ONNX Runtime ${onnx}, sparse ${sparse})`);
    return chosen;
  }

  /** Whether most matrices are worth multiplying nonzero by nonzero. */
  private isSparse(): boolean {
    const matrices = [...this.options.weights].filter(([name]) => name.endsWith('.weight'));
    let [nonzeros, all] = [0, 0];
    for (const [, data] of matrices) {
      all += data.length;
      for (const value of data) if (value !== 0) nonzeros++;
    }
    return nonzeros < SPARSE_BELOW * all;
  }

  private isTooLargeToMeasure(): boolean {
    let bytes = 0;
    for (const data of this.options.weights.values()) bytes += data.byteLength;
    return bytes > SHARE_FOR_MEASURING * freemem();
  }
}

async function onnxSession(graph: Record<string, Value>, threads: number): Promise<Session> {
  const session = await createSession(graph, threads, { memory: 'returned' });
  return {
    engine: 'onnx',
    run: async (feeds, names) => {
      const given = Object.entries(feeds).map(([name, x]) => [name, onnxTensor(x)] as const);
      const results = await session.run(Object.fromEntries(given), names);
      return Object.fromEntries(names.map((name) => [name, results[name] as NumberArray]));
    },
    release: () => session.release(),
  };
}

function onnxTensor({ data, dims }: NumberArray): ort.Tensor {
  return data instanceof Float32Array
    ? new ort.Tensor('float32', data, dims)
    : new ort.Tensor('int32', data, dims);
}
