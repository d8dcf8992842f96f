/** The model in use: loaded when first needed, replaced when another is chosen, its state for all. */
import type { BundleInfo } from '../../models/inference/engine';
import { oneLine } from '../../models/oneLine';
import { ModelLost } from '../../models/runtime/modelThread';
import { type Runtime } from '../../models/runtime/runtime';
import { abortError } from '../cancel';
import { Emitter } from '../emitter';

export type ModelState =
  | { readonly kind: 'idle' | 'loading' }
  | { readonly kind: 'ready'; readonly info: BundleInfo }
  /** One line that says what happened and what to do. */
  | { readonly kind: 'failed'; readonly message: string };

/** The model cannot be loaded; its one line says why and what to do. */
export class ModelUnavailable extends Error {
  override readonly name = 'ModelUnavailable';
}

/** Where timings and failures are written. */
export interface Log {
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
  debug(message: string): void;
}

/** A model is there again within a second or two, so that it need not stay while nobody asks for it. */
const IDLE_MS = 10 * 60_000;

export class Models {
  /** The state or whether there is work has changed. */
  readonly changed = new Emitter();
  /** Everything known of the model before is void. */
  readonly replaced = new Emitter();
  private replacements = 0;
  private opening: Promise<Runtime> | null = null;
  private current: ModelState = { kind: 'idle' };
  private requests = 0;
  private idle: NodeJS.Timeout | undefined;

  /**
   * @param open opens the chosen bundle; rejects with one line that says what to do
   * @param idleMs time without a request after which the model's memory is given back
   */
  constructor(
    private readonly open: () => Promise<Runtime>,
    private readonly log: Log,
    private readonly idleMs = IDLE_MS,
  ) {}

  get state(): ModelState {
    return this.current;
  }

  /** Rises whenever what was known of the model before became void. */
  get generation(): number {
    return this.replacements;
  }

  /** Whether requests are under way. */
  get working(): boolean {
    return this.requests > 0;
  }

  /**
   * Runs a request on the model, which is loaded first when it is not there. A model that failed to
   * load is not tried again until `reset`.
   * @param what name of the request in the log
   * @throws the request's error; an abort error when another model was chosen meanwhile
   */
  async use<T>(what: string, request: (runtime: Runtime) => Promise<T>): Promise<T> {
    const { generation } = this;
    this.count(1);
    const start = performance.now();
    try {
      const runtime = await (this.opening ??= this.load());
      const result = await this.retried(what, () => request(runtime));
      this.log.debug(`${what}: ${Math.round(performance.now() - start)} ms`);
      return result;
    } catch (error) {
      throw generation === this.generation ? error : abortError();
    } finally {
      this.count(-1);
    }
  }

  /**
   * The same on the model of a hash only: another has other tokens, and whoever asked will ask again.
   * @throws an abort error when another model is in use
   */
  useModel<T>(
    what: string,
    { hash }: Pick<BundleInfo, 'hash'>,
    request: (runtime: Runtime) => Promise<T>,
  ): Promise<T> {
    return this.use(what, (runtime) =>
      runtime.info.hash === hash ? request(runtime) : Promise.reject(abortError()),
    );
  }

  /** What the model says of itself; it is loaded when it is not there. */
  info(): Promise<BundleInfo> {
    return this.use('info', ({ info }) => Promise.resolve(info));
  }

  /** Gives the model's memory back; what is known of it stays, and the next request loads it again. */
  async rest(): Promise<void> {
    const { opening } = this;
    if (this.current.kind !== 'ready' || this.working) return;
    this.opening = null;
    this.become({ kind: 'idle' });
    this.log.info('the model was not used for a while; its memory is given back');
    await (await opening)?.close();
  }

  /** Lets the model go; the next request loads the one that is chosen then. */
  async reset(): Promise<void> {
    const { opening } = this;
    clearTimeout(this.idle);
    this.replacements++;
    this.opening = null;
    this.become({ kind: 'idle' });
    this.replaced.fire();
    // Closing rejects what is under way, which by now counts as cancelled.
    await opening?.then(
      (runtime) => runtime.close(),
      () => undefined,
    );
  }

  private async load(): Promise<Runtime> {
    const { generation } = this;
    this.become({ kind: 'loading' });
    const start = performance.now();
    try {
      const runtime = await this.open();
      const { info } = runtime;
      const milliseconds = Math.round(performance.now() - start);
      this.log.info(`${info.name} ${info.hash.slice(0, 12)} loaded in ${milliseconds} ms`);
      if (generation === this.generation) this.become({ kind: 'ready', info });
      return runtime;
    } catch (error) {
      const message = oneLine(error);
      this.log.error(message);
      if (generation === this.generation) this.become({ kind: 'failed', message });
      throw new ModelUnavailable(message, { cause: error });
    }
  }

  /** The runtime starts a new worker when it has lost one, so that asking again is enough. */
  private async retried<T>(what: string, request: () => Promise<T>): Promise<T> {
    try {
      return await request();
    } catch (error) {
      if (!(error instanceof ModelLost)) throw error;
      this.log.warn(`${what}: ${oneLine(error)}`);
      return await request();
    }
  }

  private become(state: ModelState): void {
    this.current = state;
    this.changed.fire();
  }

  private count(change: 1 | -1): void {
    const before = this.working;
    this.requests += change;
    clearTimeout(this.idle);
    if (!this.working) {
      this.idle = setTimeout(() => void this.rest(), this.idleMs);
      this.idle.unref();
    }
    if (before !== this.working) this.changed.fire();
  }
}
