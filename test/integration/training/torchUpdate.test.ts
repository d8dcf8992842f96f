import { resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { TORCH_PRELUDE } from '../../../models/graph/torchPrelude';
import { Rng } from '../../../models/random';
import { project } from '../../../models/training/projection';
import { runPython, torchPython } from '../../support/python';

const PROGRAM = `
import json, sys
sys.path.insert(0, ${JSON.stringify(resolve('models/training/torch'))})
import torch, update
${TORCH_PRELUDE}
def projected(case, threshold):
    update.threshold = threshold
    x = torch.tensor(case["data"], dtype=torch.float32).reshape(case["shape"])
    update.project(x, case["keep"], case["axis"], case["least"])
    return x.reshape(len(x), -1).tolist()

def masks(case):
    x = torch.tensor(case["data"], dtype=torch.float32).reshape(case["shape"])
    k = 1 + (case["keep"] - 1) % x.shape[-1]
    return [largest(x, k).tolist(), largest_by_bits(x.abs(), k).tolist()]

cases, processors = json.load(open(sys.argv[1])), update.threshold
ways = [[projected(case, way) for case in cases] for way in (processors, update.threshold_by_bits)]
print(json.dumps({"processor": ways[0], "card": ways[1], "masks": [masks(case) for case in cases]}))
`;

/** Small matrices, half of them with many equal magnitudes and zeros. */
const cases = Array.from({ length: 120 }, (_, trial) => {
  const rng = new Rng('projection', trial);
  const [n, rows, columns] = [1 + rng.int(3), 2 + rng.int(5), 2 + rng.int(5)];
  // Every fourth has magnitudes that differ in their last bits alone, or not at all.
  const number = () =>
    trial % 2 === 0
      ? rng.normal()
      : trial % 4 === 1
        ? rng.int(5) - 2
        : (rng.int(2) - 0.5) * (1 + rng.int(4) * 2 ** -23);
  return {
    ...{ shape: [n, rows, columns], keep: 1 + rng.int(rows * columns), least: rng.int(4) },
    axis: ([null, 0, 1] as const)[trial % 3],
    data: Array.from({ length: n * rows * columns }, () => Math.fround(number())),
  };
});

interface Answers {
  readonly processor: number[][][];
  /** As a graphics card does it. */
  readonly card: number[][][];
  /** Of the largest activations: as a processor finds them, and as a card does. */
  readonly masks: [boolean[][][], boolean[][][]][];
}

describe.skipIf(!torchPython)('in PyTorch', () => {
  let all: Answers;
  beforeAll(async () => {
    all = await runPython<Answers>(PROGRAM, cases);
  }, 120_000);

  it.each(['processor', 'card'] as const)(
    'the projection of a %s keeps what ours keeps, the earlier among equals',
    (way) => {
      const answers = all[way];
      for (const [i, { shape, keep, axis, least, data }] of cases.entries()) {
        const [n, rows, columns] = shape;
        for (let one = 0; one < n; one++) {
          const size = rows * columns;
          const own = Float32Array.from(data.slice(one * size, (one + 1) * size));
          project(own, keep, axis === null ? null : { axis, columns, min: least });
          expect(answers[i][one].map((x) => x + 0)).toEqual([...own].map((x) => x + 0));
        }
      }
    },
  );

  it('a card finds the largest activations that a processor finds, ties included', () => {
    for (const [processor, card] of all.masks) expect(card).toEqual(processor);
  });
});
