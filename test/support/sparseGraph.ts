/** A graph in the sparse engine, fed with and answering plain arrays. */
import { topologicalOrder, type Value } from '../../models/graph/ir';
import { Machine } from '../../models/sparse/machine';
import { SparseSession } from '../../models/sparse/session';
import { array, type NdArray } from './arrays';
import type { Feeds } from './evaluate';

/** Runs a graph once on a machine of its own. */
export async function runSparse(
  outputs: Readonly<Record<string, Value>>,
  feeds: Feeds,
  threads = 1,
): Promise<Record<string, NdArray>> {
  const machine = new Machine(threads);
  try {
    return runOn(new SparseSession(machine, outputs), outputs, feeds);
  } finally {
    await machine.release();
  }
}

/** Runs a graph that is loaded. */
function runOn(
  session: SparseSession,
  outputs: Readonly<Record<string, Value>>,
  feeds: Feeds,
): Record<string, NdArray> {
  const types = topologicalOrder(Object.values(outputs)).flatMap((value) =>
    value.op.kind === 'input' ? [[value.op.name, value.dtype] as const] : [],
  );
  const fed = types.map(([name, dtype]) => {
    const { shape, data } = feeds[name];
    const numbers = dtype === 'float32' ? Float32Array.from(data) : Int32Array.from(data);
    return [name, { dims: shape, data: numbers }];
  });
  const results = session.run(
    Object.fromEntries(fed) as Parameters<SparseSession['run']>[0],
    Object.keys(outputs),
  );
  return Object.fromEntries(
    Object.entries(results).map(([name, { dims, data }]) => [name, array(dims, data)]),
  );
}
