/** A graph in ONNX Runtime, fed with and answering plain arrays. */
import { ort } from '../../models/onnxRuntime';
import { topologicalOrder, type DType, type Value } from '../../models/graph/ir';
import { emitOnnx } from '../../models/graph/onnx';
import { array, type NdArray } from './arrays';
import type { Feeds } from './evaluate';

/** A loaded model; `release` it, or its memory stays until the process ends. */
export class OnnxGraph {
  private constructor(
    private readonly session: ort.InferenceSession,
    private readonly types: ReadonlyMap<string, DType>,
  ) {}

  static async load(outputs: Readonly<Record<string, Value>>): Promise<OnnxGraph> {
    const session = await ort.InferenceSession.create(emitOnnx(outputs), { intraOpNumThreads: 1 });
    const inputs = topologicalOrder(Object.values(outputs)).flatMap((value) =>
      value.op.kind === 'input' ? [[value.op.name, value.dtype] as const] : [],
    );
    return new OnnxGraph(session, new Map(inputs));
  }

  /** The outputs; what is fed beyond the graph's inputs is not looked at. */
  async run(feeds: Feeds): Promise<Record<string, NdArray>> {
    const tensors = [...this.types].map(([name, dtype]) => [name, tensor(feeds[name], dtype)]);
    const results = await this.session.run(
      Object.fromEntries(tensors) as ort.InferenceSession.FeedsType,
    );
    return Object.fromEntries(
      Object.entries(results).map(([name, { dims, data }]) => [name, array(dims, numbers(data))]),
    );
  }

  release(): Promise<void> {
    return this.session.release();
  }
}

/** Loads, runs once and releases. */
export async function runOnnx(
  outputs: Readonly<Record<string, Value>>,
  feeds: Feeds,
): Promise<Record<string, NdArray>> {
  const graph = await OnnxGraph.load(outputs);
  try {
    return await graph.run(feeds);
  } finally {
    await graph.release();
  }
}

function tensor({ shape, data }: NdArray, dtype: DType): ort.Tensor {
  switch (dtype) {
    case 'float32':
      return new ort.Tensor(dtype, Float32Array.from(data), shape);
    case 'int32':
      return new ort.Tensor(dtype, Int32Array.from(data), shape);
    case 'bool':
      return new ort.Tensor(dtype, Uint8Array.from(data), shape);
  }
}

function numbers(data: ort.Tensor['data']): Float64Array {
  return Float64Array.from(data as ArrayLike<number | bigint | string>, Number);
}
