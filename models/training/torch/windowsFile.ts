/** Windows that a run in PyTorch takes with it: for its held-out losses, and to be measured on. */
import { TO_DENSE, TO_SPARSE } from '../../bridges/graph';
import { encodeSafetensors, type Safetensors, type Tensor } from '../../bundles/safetensors';
import { placesOf } from '../../transformer/model';
import type { TrainingConfig } from '../config';
import { HELD_OUT_SEED, makeBatch, type Batch, type WindowSource } from '../data';
import { chosenPlaces } from '../objective';
import type { Prepared } from '../prepare';
import { trainingSource } from '../start';
import { measuringWindows, type MeasuringWindows } from '../windows';

export const WINDOWS_FILE = 'windows.safetensors';

/** Windows of 16-bit tokens by name, [window, pos]; where a loss is taken, one token longer. */
export function windowsFile(config: TrainingConfig, { data, newerStream }: Prepared): Uint8Array {
  const { context } = config.model;
  const train = trainingSource(config, data);
  const held: WindowSource = {
    ...{ tokenizer: train.tokenizer, context, idiomShare: 0 },
    ...{ stream: data.heldOutStream, seed: HELD_OUT_SEED },
  };
  // Those of our own trainer, which takes them by rounds of a batch.
  const rounds = Math.max(1, Math.ceil(config.evalWindows / config.batch));
  const during = (idiomShare: number) =>
    Array.from({ length: rounds }, (_, round) =>
      makeBatch({ ...held, idiomShare }, 'held-out', round, 0, config.batch),
    );
  const card = measuringWindows(train, data.heldOutStream, newerStream);
  const longer = (batches: readonly Batch[]) => {
    const rows = batches.flatMap(({ tokens, targets }) =>
      Array.from({ length: tokens.length / context }, (_, row) => {
        const [first, end] = [row * context, (row + 1) * context];
        return [...tokens.subarray(first, end), targets[end - 1]];
      }),
    );
    return { shape: [rows.length, context + 1], data: Uint16Array.from(rows.flat()) };
  };
  const plain = (tokens: Int32Array) => ({
    shape: [tokens.length / context, context],
    data: Uint16Array.from(tokens),
  });
  const tensors = new Map<string, Tensor>([
    ['heldOut.ordinary', longer(during(0))],
    ['heldOut.idioms', longer(during(1))],
    ...(config.bridge ? [['heldOut.places', heldOutPlaces(config, rounds)] as const] : []),
    ['card.ordinary', longer([card.ordinary])],
    ['card.idioms', longer([card.idioms])],
    ...(card.newer ? [['card.newer', longer([card.newer])] as const] : []),
    ['card.means', plain(card.means)],
    ['card.examples', plain(card.examples)],
  ]);
  return encodeSafetensors({ tensors, metadata: {} });
}

/** Where hybrid passes of the held-out windows change model, to the sparse one and to the dense one [window, 2]. */
function heldOutPlaces({ model, batch }: TrainingConfig, rounds: number): Tensor {
  const places = placesOf(model);
  const data = new Uint8Array(2 * rounds * batch);
  for (let round = 0; round < rounds; round++) {
    const windows = { seed: HELD_OUT_SEED, label: 'held-out', step: round, first: 0, count: batch };
    for (const [way, name] of [TO_SPARSE, TO_DENSE].entries()) {
      const chosen = chosenPlaces(name, windows, places).data;
      for (let row = 0; row < batch; row++) {
        const own = chosen.subarray(row * places, (row + 1) * places);
        data[2 * (round * batch + row) + way] = own.indexOf(1);
      }
    }
  }
  return { shape: [rounds * batch, 2], data };
}

type Tensors = Safetensors['tensors'];

/** The windows that a finished model is measured on; throws one line when some are missing. */
export function readWindows(tensors: Tensors, context: number, file: string): MeasuringWindows {
  const read = (name: string): Int32Array => {
    const tensor = tensors.get(name);
    if (!tensor) throw new Error(`${file} lacks '${name}'; copy it again`);
    return Int32Array.from(tensor.data);
  };
  const batch = (name: string): Batch => {
    const longer = read(name);
    const count = longer.length / (context + 1);
    const tokens = new Int32Array(count * context);
    const targets = new Int32Array(count * context);
    for (let row = 0; row < count; row++) {
      const window = longer.subarray(row * (context + 1), (row + 1) * (context + 1));
      tokens.set(window.subarray(0, context), row * context);
      targets.set(window.subarray(1), row * context);
    }
    return { tokens, targets };
  };
  return {
    means: read('card.means'),
    examples: read('card.examples'),
    ordinary: batch('card.ordinary'),
    idioms: batch('card.idioms'),
    newer: tensors.has('card.newer') ? batch('card.newer') : null,
  };
}
