/** Things that are loaded when they are first asked for. */

/** Something that holds memory until it is released. */
export interface Releasable {
  release(): Promise<void>;
}

/** Loads once for all who ask; a load that failed is tried again by the next who asks. */
export class Lazy<T extends Releasable> {
  private loading: Promise<T> | null = null;
  /** When it was last asked for, as of `performance.now()`. */
  private asked = 0;

  constructor(private readonly load: () => Promise<T>) {}

  /** What is loaded or being loaded; null for nothing. */
  get held(): Promise<T> | null {
    return this.loading;
  }

  get(): Promise<T> {
    this.asked = performance.now();
    const loading = (this.loading ??= this.load());
    loading.catch(() => {
      if (this.loading === loading) this.loading = null;
    });
    return loading;
  }

  /** Frees what was loaded, if anything was. */
  async release(): Promise<void> {
    const { loading } = this;
    this.loading = null;
    const loaded = await loading?.catch(() => null);
    await loaded?.release();
  }

  /**
   * Frees it unless it was asked for since a time, as of `performance.now()`. Nobody may be using it.
   * @returns whether there was anything to free
   */
  async rest(since: number): Promise<boolean> {
    if (!this.loading || this.asked >= since) return false;
    await this.release();
    return true;
  }
}

/**
 * The last few things by key. One that gives way to another is released, so nobody may use two at the
 * same time.
 */
export class Few<T extends Releasable> {
  /** Least recently used first. */
  private readonly held = new Map<string, Lazy<T>>();

  /** @param most things held at the same time */
  constructor(private readonly most: number) {}

  async get(key: string, load: () => Promise<T>): Promise<T> {
    const held = this.held.get(key) ?? new Lazy(load);
    this.held.delete(key);
    if (this.held.size >= this.most) {
      const [[oldest, given]] = this.held;
      this.held.delete(oldest);
      await given.release();
    }
    this.held.set(key, held);
    return held.get();
  }

  async release(): Promise<void> {
    const all = [...this.held.values()];
    this.held.clear();
    for (const held of all) await held.release();
  }
}
