/** A cache bounded in bytes that knows for whom it keeps what. */

interface Item<T> {
  readonly value: T;
  readonly bytes: number;
  readonly owners: Set<string>;
}

/** Least recently used values go first; those that no owner wants any more go at once. */
export class ByteCache<T> {
  private readonly items = new Map<string, Item<T>>();
  private total = 0;

  /** @param limit bytes kept at most */
  constructor(private limit: number) {}

  /** Bytes kept now. */
  get bytes(): number {
    return this.total;
  }

  /** A value, from now on kept for this owner too. */
  get(key: string, owner: string): T | undefined {
    const item = this.items.get(key);
    if (!item) return undefined;
    item.owners.add(owner);
    this.items.delete(key);
    this.items.set(key, item);
    return item.value;
  }

  set(key: string, owner: string, value: T, bytes: number): void {
    this.delete(key);
    this.items.set(key, { value, bytes, owners: new Set([owner]) });
    this.total += bytes;
    this.shrink();
  }

  /** Lets go of what only this owner wants. */
  release(owner: string): void {
    for (const [key, { owners }] of this.items) {
      if (owners.delete(owner) && owners.size === 0) this.delete(key);
    }
  }

  resize(limit: number): void {
    this.limit = limit;
    this.shrink();
  }

  clear(): void {
    this.items.clear();
    this.total = 0;
  }

  private shrink(): void {
    for (const key of this.items.keys()) {
      if (this.total <= this.limit) return;
      this.delete(key);
    }
  }

  private delete(key: string): void {
    const item = this.items.get(key);
    if (!item) return;
    this.items.delete(key);
    this.total -= item.bytes;
  }
}
