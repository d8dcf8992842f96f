/** Events for the parts that know nothing of the editor. */

/** Something to end; the editor's disposables have the same shape. */
export interface Disposable {
  dispose(): void;
}

/** One event that any number of listeners hear. */
export class Emitter<T = void> {
  private readonly listeners = new Set<(value: T) => void>();

  /** Adds a listener until it is disposed of. */
  readonly on = (listener: (value: T) => void): Disposable => {
    this.listeners.add(listener);
    return { dispose: () => this.listeners.delete(listener) };
  };

  /** Calls every listener. */
  fire(value: T): void {
    for (const listener of [...this.listeners]) listener(value);
  }
}
