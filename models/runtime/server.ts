/** The worker's side: answers calls on one engine. Calls take turns at their pauses. */
import { setImmediate } from 'node:timers/promises';
import { attention } from './attention';
import { checkCircuit } from './checkCircuit';
import { checkInterventions } from './checkInterventions';
import { circuit } from './circuit';
import { concepts } from './concepts';
import { effects } from './effects';
import { Engine, type Control } from '../inference/engine';
import { explain } from './explain';
import { explainCircuit } from './explainCircuit';
import { facts } from './facts';
import { labelPlaces } from './labelPlaces';
import { Lazy } from '../engines/lazy';
import { lens } from './lens';
import { oneLine } from '../oneLine';
import type { Call, Method, Reply, Request, Result, WorkerOptions } from './protocol';
import { activations, surprisal } from './scan';
import { bridgeNodes, steer, steerControls } from './steer';
import { trace } from '../inference/trace';
import { weight } from './weight';

/** Sends a reply; the buffers in the list are moved, not copied. */
export type Send = (reply: Reply, transfer: ArrayBuffer[]) => void;

/** What is let go is there again within a second. */
const IDLE_MS = 2 * 60_000;

interface RunningCall {
  wanted: boolean;
  /** Resolves when it was answered. */
  end: Promise<void>;
}

export class Server {
  /** Calls under way by id. */
  private readonly calls = new Map<number, RunningCall>();
  private readonly engine: Lazy<Engine>;
  private idle: NodeJS.Timeout | undefined;
  /** Ends when nothing is being let go of, which calls wait for. */
  private resting: Promise<void> = Promise.resolve();
  /** When the first of the calls began that were under way last. */
  private busySince = 0;

  /** @param idleMs time after which what nobody asked for any more is let go; it is loaded again when it is asked for */
  constructor(
    options: WorkerOptions,
    private readonly send: Send,
    private readonly idleMs = IDLE_MS,
  ) {
    const note = (line: string) => {
      this.send({ type: 'note', line }, []);
    };
    this.engine = new Lazy(() => openEngine(options, note));
  }

  /** Takes one message; resolves when it is dealt with. */
  async receive(request: Request): Promise<void> {
    switch (request.type) {
      case 'call': {
        if (this.calls.size === 0) this.busySince = performance.now();
        const call: RunningCall = { wanted: true, end: Promise.resolve() };
        call.end = this.answer(request.id, request.call, call);
        this.calls.set(request.id, call);
        await call.end;
        this.calls.delete(request.id);
        if (this.calls.size > 0) return;
        clearTimeout(this.idle);
        this.idle = setTimeout(() => void this.rest(Infinity), this.idleMs);
        this.idle.unref();
        await this.rest(Math.min(this.busySince, performance.now() - this.idleMs));
        return;
      }
      case 'cancel': {
        const call = this.calls.get(request.id);
        if (call) call.wanted = false;
        return;
      }
      case 'close':
        await this.close();
    }
  }

  /** Frees the model after the chunks under way. */
  async close(): Promise<void> {
    const calls = [...this.calls.values()];
    for (const call of calls) call.wanted = false;
    await Promise.all(calls.map(({ end }) => end));
    clearTimeout(this.idle);
    await this.resting;
    await this.engine.release();
  }

  /** Lets go of what was not asked for since a time, as of `performance.now()`. */
  private async rest(since: number): Promise<void> {
    const engine = await this.engine.held?.catch(() => null);
    if (this.calls.size > 0 || !engine) return;
    this.resting = engine.rest(since);
    await this.resting;
  }

  private async answer(id: number, call: Call, state: Readonly<RunningCall>): Promise<void> {
    try {
      const control: Control = {
        progress: (done, total) => {
          this.send({ type: 'progress', id, done, total }, []);
        },
        pause: async () => {
          await setImmediate();
          if (!state.wanted) throw new Error('the request was cancelled');
        },
      };
      await this.resting;
      const engine = await this.engine.get();
      await control.pause();
      for (const text of textsOf(call)) await engine.readTokens(text, control.pause);
      const result = await perform(engine, call, control);
      this.send({ type: 'result', id, result }, [...new Set(buffersOf(result))]);
    } catch (error) {
      this.send({ type: 'error', id, message: oneLine(error) }, []);
    }
  }
}

/** The texts that a call is about, of any length. */
function textsOf({ params }: Call): string[] {
  if (!params || !('text' in params)) return [];
  const other = 'other' in params ? params.other : undefined;
  if (other === undefined) return [params.text];
  return [params.text, typeof other === 'string' ? other : other.text];
}

async function openEngine(options: WorkerOptions, note: (line: string) => void): Promise<Engine> {
  const { expectedHash, bundleDir, bundlesDir, threads } = options;
  const engine = await Engine.open(bundleDir, threads, options.engine, { note, bundlesDir });
  if (expectedHash !== null && engine.info.hash !== expectedHash) {
    await engine.release();
    throw new Error(`the bundle in ${bundleDir} has changed since it was opened; open it again`);
  }
  return engine;
}

function perform(engine: Engine, call: Call, control: Control): Promise<Result<Method>> {
  switch (call.method) {
    case 'info':
      return Promise.resolve(engine.info);
    case 'tokens': {
      const tokens = engine.tokensOf(call.params.text);
      return Promise.resolve(tokens.slice({ start: 0, end: tokens.count }));
    }
    case 'trace':
      return trace(engine, call.params);
    case 'effects':
      return effects(engine, call.params, control);
    case 'circuit':
      return circuit(engine, call.params, control);
    case 'attention':
      return attention(engine, call.params);
    case 'lens':
      return lens(engine, call.params);
    case 'weight':
      return weight(engine, call.params);
    case 'explain':
      return explain(engine, call.params);
    case 'checkCircuit':
      return Promise.resolve(checkCircuit(engine, call.params));
    case 'checkInterventions':
      return Promise.resolve(checkInterventions(engine, call.params));
    case 'explainCircuit':
      return explainCircuit(engine, call.params, control);
    case 'concepts':
      return Promise.resolve(concepts(engine, call.params));
    case 'facts':
      return Promise.resolve(facts(engine, call.params));
    case 'labels':
      return Promise.resolve(engine.labels);
    case 'labelPlaces':
      return labelPlaces(engine, call.params);
    case 'surprisal':
      return surprisal(engine, call.params, control);
    case 'activations':
      return activations(engine, call.params, control);
    case 'steer':
      return steer(engine, call.params, control);
    case 'steerControls':
      return steerControls(engine, call.params, control);
    case 'bridgeNodes':
      return bridgeNodes(engine, call.params, control);
  }
}

/** Buffers of all typed arrays in a result, each of which is the result's own. */
function buffersOf(value: unknown): ArrayBuffer[] {
  if (ArrayBuffer.isView(value)) return value.buffer instanceof ArrayBuffer ? [value.buffer] : [];
  if (value instanceof Map) return [...value.values()].flatMap(buffersOf);
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(buffersOf);
}
