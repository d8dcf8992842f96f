/** Memory that all replicas of a run share, and the barrier at which they meet. */

/** Buffers of one run, as they are passed to the worker threads. */
export interface SharedBuffers {
  /** Trained weights and both Adam moments, float32 [trained entries]. */
  readonly weights: SharedArrayBuffer;
  readonly first: SharedArrayBuffer;
  readonly second: SharedArrayBuffer;
  /** One gradient a replica, float32 [trained entries] each. */
  readonly gradients: SharedArrayBuffer[];
  /** Float64 [replica, number]: numbers that the replicas add up. */
  readonly sums: SharedArrayBuffer;
  /** int32: barrier count, barrier generation, stop request, stop decided, run abandoned. */
  readonly control: SharedArrayBuffer;
}

/** Fresh buffers for a number of trained entries, and of numbers that a replica shares at once. */
export function allocate(entries: number, replicas: number, numbers: number): SharedBuffers {
  const floats = () => new SharedArrayBuffer(4 * entries);
  return {
    weights: floats(),
    first: floats(),
    second: floats(),
    gradients: Array.from({ length: replicas }, floats),
    sums: new SharedArrayBuffer(8 * numbers * replicas),
    control: new SharedArrayBuffer(20),
  };
}

const ARRIVED = 0;
const GENERATION = 1;
const STOP = 2;
const DECIDED = 3;
const ABANDONED = 4;

/** Milliseconds after which a waiting replica looks whether the run is still on. */
const PATIENCE = 200;

/** Blocks each replica until all have arrived; throws once the run is abandoned. */
export class Barrier {
  private readonly control: Int32Array;

  constructor(
    buffers: SharedBuffers,
    private readonly parties: number,
  ) {
    this.control = new Int32Array(buffers.control);
  }

  wait(): void {
    const generation = Atomics.load(this.control, GENERATION);
    if (Atomics.add(this.control, ARRIVED, 1) === this.parties - 1) {
      Atomics.store(this.control, ARRIVED, 0);
      Atomics.add(this.control, GENERATION, 1);
      Atomics.notify(this.control, GENERATION);
      return;
    }
    while (Atomics.load(this.control, GENERATION) === generation) {
      if (Atomics.load(this.control, ABANDONED) === 1) throw new Error('another replica failed');
      Atomics.wait(this.control, GENERATION, generation, PATIENCE);
    }
  }
}

/** Asks the replicas to stop after the step under way. */
export function requestStop(buffers: SharedBuffers): void {
  Atomics.store(new Int32Array(buffers.control), STOP, 1);
}

/** Ends the run for everybody: waiting replicas throw. */
export function abandon(buffers: SharedBuffers): void {
  Atomics.store(new Int32Array(buffers.control), ABANDONED, 1);
}

/** Makes a stop request binding; one replica does this before a barrier, so that all see the same. */
export function decideStop(buffers: SharedBuffers): void {
  const control = new Int32Array(buffers.control);
  Atomics.store(control, DECIDED, Atomics.load(control, STOP));
}

/** Whether the replicas have agreed to stop. */
export function stopDecided(buffers: SharedBuffers): boolean {
  return Atomics.load(new Int32Array(buffers.control), DECIDED) === 1;
}
