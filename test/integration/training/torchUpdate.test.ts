import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Rng } from '../../../models/random';
import { project } from '../../../models/training/projection';
import { runPython, torchPython } from '../../support/python';

const PROGRAM = `
import json, sys
sys.path.insert(0, ${JSON.stringify(resolve('models/training/torch'))})
import torch
from update import project

answers = []
for case in json.load(open(sys.argv[1])):
    x = torch.tensor(case["data"], dtype=torch.float32).reshape(case["shape"])
    project(x, case["keep"], case["axis"], case["least"])
    answers.append(x.reshape(len(x), -1).tolist())
print(json.dumps(answers))
`;

/** Small matrices, half of them with many equal magnitudes and zeros. */
const cases = Array.from({ length: 120 }, (_, trial) => {
  const rng = new Rng('projection', trial);
  const [n, rows, columns] = [1 + rng.int(3), 2 + rng.int(5), 2 + rng.int(5)];
  const number = () => (trial % 2 === 0 ? rng.normal() : rng.int(5) - 2);
  return {
    ...{ shape: [n, rows, columns], keep: 1 + rng.int(rows * columns), least: rng.int(4) },
    axis: ([null, 0, 1] as const)[trial % 3],
    data: Array.from({ length: n * rows * columns }, () => Math.fround(number())),
  };
});

describe.skipIf(!torchPython)('the projection in PyTorch', () => {
  it('keeps what ours keeps, the earlier among equals', async () => {
    const answers = await runPython<number[][][]>(PROGRAM, cases);
    for (const [i, { shape, keep, axis, least, data }] of cases.entries()) {
      const [n, rows, columns] = shape;
      for (let one = 0; one < n; one++) {
        const size = rows * columns;
        const own = Float32Array.from(data.slice(one * size, (one + 1) * size));
        project(own, keep, axis === null ? null : { axis, columns, min: least });
        expect(answers[i][one].map((x) => x + 0)).toEqual([...own].map((x) => x + 0));
      }
    }
  }, 120_000);
});
