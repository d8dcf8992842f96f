/** Small published circuits for tests, right ones and wrong ones. */
import { dictPickle, fileOf, floats, tensorCode, zipOf, type Entry } from './archive';

export interface MadeCircuit {
  readonly nodes: Readonly<Record<string, readonly number[]>>;
  readonly allNodes: number;
  /** As the file stores them: twice the loss. */
  readonly loss?: number | undefined;
  readonly circuitLoss?: number;
  readonly lossWithout?: Readonly<Record<string, readonly number[]>>;
}

/** Path of a `viz_data.pt`, gone after the test. */
export function vizFile({ nodes, allNodes, loss, circuitLoss, lossWithout }: MadeCircuit): string {
  const storages: Entry[] = [];
  const array = (bytes: Buffer, storage: string, length: number) => {
    const key = String(storages.length);
    storages.push({ name: `archive/data/${key}`, bytes });
    return tensorCode({ storage, key, length, shape: [length], strides: [1] });
  };
  const whole = (values: readonly number[]) =>
    array(
      Buffer.from(BigInt64Array.from(values, (value) => BigInt(value)).buffer),
      'LongStorage',
      values.length,
    );
  const real = (values: readonly number[]) =>
    array(floats(...values), 'FloatStorage', values.length);
  const dict = (values: Readonly<Record<string, Buffer>>) => dictPickle(values).subarray(2, -1);
  const each = <T>(values: Readonly<Record<string, T>>, code: (value: T) => Buffer) =>
    dict(Object.fromEntries(Object.entries(values).map(([name, value]) => [name, code(value)])));
  const content = dictPickle({
    circuit_data: each(nodes, whole),
    importances: dict({
      ...(loss !== undefined && { loss: real([loss]) }),
      ...(circuitLoss !== undefined && { interv_loss: real([circuitLoss]) }),
      ...(lossWithout && { ch_interv_losses: each(lossWithout, real) }),
    }),
    num_total_nodes: whole([allNodes]),
  });
  return fileOf(zipOf([{ name: 'archive/data.pkl', bytes: content }, ...storages]), 'viz_data.pt');
}
