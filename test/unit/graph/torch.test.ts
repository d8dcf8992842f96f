import { beforeAll, describe, expect, it } from 'vitest';
import { gradients } from '../../../models/graph/gradient';
import type { Value } from '../../../models/graph/ir';
import * as ops from '../../../models/graph/ops';
import { emitTorch } from '../../../models/graph/torch';
import { TORCH_PRELUDE } from '../../../models/graph/torchPrelude';
import { array, expectClose, type NdArray } from '../../support/arrays';
import { evaluate } from '../../support/evaluate';
import { example, f, feedsOf, ids, inputsOf, type Example } from '../../support/examples';
import { opCases } from '../../support/opCases';
import { runPython, torchPython } from '../../support/python';

/** As for ONNX Runtime: float32, few terms. */
const TOLERANCE = 2e-6;

/** What the table's examples leave out. */
const more: Example[] = [
  example(
    'largest: all of equal magnitude',
    { x: { shape: [2, 4], dtype: 'float32', data: [1, -2, 2, -2, 0, 0, 0, 0] } },
    ({ x }) => ops.topKMask(x, 2),
  ),
  example(
    'gather along a middle axis',
    { x: f([2, 4, 3], ['batch', 'pos', 3]), at: ids([2], [3, 1], ['read']) },
    ({ x, at }) => ops.gather(x, at, 1),
  ),
  example(
    'gather of integers at a matrix of places',
    { x: ids([4], [5, 6, 7, 8]), at: ids([2, 2], [3, 1, 0, 3]) },
    ({ x, at }) => ops.gather(x, at, 0),
  ),
  example('numbers that count up evenly', { x: f([2, 4]) }, ({ x }) =>
    ops.mul(x, ops.constant(Float32Array.of(0, 0.0625, 0.125, 0.1875), [1, 4])),
  ),
  example('numbers that nearly do', { x: f([4]) }, ({ x }) =>
    ops.mul(x, ops.constant(Float32Array.of(0, 1, 2, -3), [4])),
  ),
  example('equal numbers', { x: f([2, 2]) }, ({ x }) =>
    ops.add(x, ops.constant(Float32Array.of(-7, -7), [2])),
  ),
  example('arithmetic of numbers alone', { x: f([3]) }, ({ x }) =>
    ops.mul(x, ops.exp(ops.neg(ops.add(ops.scalar(1), 0.5)))),
  ),
  example('a difference of differences', { x: f([3]), y: f([3]) }, ({ x, y }) =>
    ops.sub(x, ops.sub(y, ops.neg(ops.sub(x, ops.mul(y, ops.sub(y, x)))))),
  ),
  example('names that Python does not allow', { '0.attn.q': f([2]), 'b-a': f([2]) }, (x) =>
    ops.sub(x['0.attn.q'], x['b-a']),
  ),
  example(
    'a matrix with a bias',
    { x: f([2, 3, 4], ['batch', 3, 4]), w: f([4, 5]), b: f([5]) },
    ({ x, w, b }) => ops.add(ops.matmul(x, w), b),
  ),
  example(
    'a product that is read twice, and its sum with a bias',
    { x: f([3, 4]), w: f([4, 5]), b: f([5]) },
    ({ x, w, b }) => {
      const product = ops.matmul(x, w);
      return ops.mul(ops.add(product, b), product);
    },
  ),
  example('a bias of one number for all outputs', { x: f([3, 4]), w: f([4, 5]), b: f([1]) }, (i) =>
    ops.add(ops.matmul(i.x, i.w), i.b),
  ),
  example('a sum with a matrix', { x: f([3, 4]), w: f([4, 5]), b: f([3, 5]) }, ({ x, w, b }) =>
    ops.add(ops.matmul(x, w), b),
  ),
  example('a quotient by a root', { x: f([3, 4]), y: f([3, 1]) }, ({ x, y }) =>
    ops.div(x, ops.sqrt(ops.add(ops.mul(y, y), 1))),
  ),
  example('a quotient by the root of a number', { x: f([3, 4]) }, ({ x }) =>
    ops.div(x, ops.sqrt(ops.scalar(2))),
  ),
  example(
    'attention of every head to the keys of one',
    { q: f([2, 2, 3, 4]), k: f([2, 1, 3, 4]), v: f([2, 1, 3, 2]) },
    ({ q, k, v }) => attention(q, k, v, 0),
  ),
  ...[0, 1].map((sink) =>
    example(
      `attention${sink ? ' with one more key' : ''}`,
      { q: f([2, 2, 3, 4]), k: f([2, 2, 3 + sink, 4]), v: f([2, 2, 3 + sink, 2]) },
      ({ q, k, v }) => attention(q, k, v, sink),
    ),
  ),
];

function attention(q: Value, k: Value, v: Value, sink: number): Value {
  const places = (from: number, to: number) =>
    ops.constant(
      Int32Array.from({ length: to - from }, (_, i) => from + i),
      [to - from],
    );
  const visible = ops.greaterEqual(ops.reshape(places(0, 3), [3, 1]), places(-sink, 3));
  const scores = ops.where(visible, ops.matmul(q, ops.swapLast(k)), -Infinity);
  return ops.matmul(ops.softmax(scores), v);
}

interface Case {
  readonly title: string;
  readonly source: string;
  readonly inputs: Record<string, Value>;
  readonly outputs: readonly Value[];
  readonly example: Example;
}

/** The example as a function of its result, and of the gradient of a weighted sum of it. */
function caseOf(title: string, chosen: Example, sizes: 'static' | 'symbolic'): Case {
  const inputs = inputsOf(chosen, sizes);
  const outputs = [chosen.build(inputs)];
  const names = Object.keys(inputs);
  const source = emitTorch({ name: 'f', purpose: 'Example.', outputs, inputs: names });
  return { title: `${title}, ${sizes}`, source, inputs, outputs, example: chosen };
}

const cases: Case[] = [
  ...Object.entries(opCases).flatMap(([kind, list]) =>
    list.flatMap((each) => [
      caseOf(`${kind}: ${each.name}`, each, 'static'),
      caseOf(`${kind}: ${each.name}`, each, 'symbolic'),
    ]),
  ),
  ...more.map((each) => caseOf(each.name, each, 'static')),
];

interface Answer {
  readonly dtype: string;
  readonly shape: number[];
  readonly data: number[];
  /** By input; null where the result has no gradient by it. */
  readonly gradients: Record<string, number[] | null>;
}

const PROGRAM = `
import json, sys
${TORCH_PRELUDE}
answers = []
for case in json.load(open(sys.argv[1])):
    space = dict(globals())
    exec(case["source"], space)
    arguments = [
        torch.tensor(g["data"], dtype=getattr(torch, g["dtype"])).reshape(g["shape"])
        for g in case["given"]
    ]
    for x in arguments:
        x.requires_grad_(x.is_floating_point())
    y = space["f"](*arguments)
    gradients = {}
    if y.requires_grad:
        weights = torch.cos(torch.arange(y.numel(), dtype=torch.float32)).reshape(y.shape)
        (y * weights).sum().backward()
    for g, x in zip(case["given"], arguments):
        gradients[g["name"]] = None if x.grad is None else x.grad.reshape(-1).tolist()
    answers.append({
        "dtype": str(y.dtype), "shape": list(y.shape),
        "data": y.detach().reshape(-1).double().tolist(), "gradients": gradients,
    })
print(json.dumps(answers))
`;

describe.skipIf(!torchPython)('PyTorch agrees with the evaluator', () => {
  let answers: Answer[];
  beforeAll(async () => {
    const input = cases.map(({ source, example: { given } }) => ({
      source,
      given: Object.entries(given).map(([name, { shape, dtype, data }]) => ({
        ...{ name, shape, dtype, data: [...Float32Array.from(data)] },
      })),
    }));
    answers = await runPython<Answer[]>(PROGRAM, input);
  }, 120_000);

  it.each(cases.map(({ title }, i) => [title, i] as const))('%s', (_, i) => {
    const { outputs, example: chosen } = cases[i];
    const { result } = evaluate({ result: outputs[0] }, feedsOf(chosen));
    const { dtype, shape, data } = answers[i];
    expectClose(array(shape, data), result, TOLERANCE, 'result');
    expect(dtype).toBe(`torch.${outputs[0].dtype}`);
  });

  /** Our own rule for `gather` has a gradient for rows of a matrix only. */
  const differentiable = (title: string) => title.endsWith('static') && !/middle axis/.test(title);
  const withFixedSizes = cases
    .map(({ title, outputs, inputs }, i) => ({ title, i, output: outputs[0], inputs }))
    .filter(({ title, output }) => differentiable(title) && output.dtype === 'float32');
  it.each(withFixedSizes)('gradients of $title', ({ i, output, inputs }) => {
    const weights = Float32Array.from(answers[i].data, (_, at) => Math.cos(at));
    const axes = output.shape.map((_d, axis) => axis);
    const weighted = ops.mul(output, ops.constant(weights, output.shape as number[]));
    const loss = ops.reshape(ops.reduceSum(weighted, axes), []);
    const floats = Object.entries(inputs).filter(([, value]) => value.dtype === 'float32');
    const wanted = Object.fromEntries(
      gradients(
        loss,
        floats.map(([, value]) => value),
      ).map((g, k) => [floats[k][0], g]),
    );
    const expected = evaluate(wanted, feedsOf(cases[i].example));
    for (const [name, gradient] of Object.entries(expected)) {
      const own = answers[i].gradients[name] ?? [...gradient.data].fill(0);
      const actual: NdArray = array(gradient.shape, own);
      expectClose(actual, gradient, 2e-5, `gradient by ${name}`);
    }
  });
});

describe('an emitted function', () => {
  it('reads as a person would write it', () => {
    const x = ops.input('x', ['batch', 3, 8]);
    const gain = ops.input('0.norm.gain', [8]);
    const size = ops.mul(ops.reduceSum(ops.mul(x, x), [2]), 1 / 8);
    const norm = ops.mul(ops.div(x, ops.sqrt(ops.add(size, 1e-5))), gain);
    const active = ops.where(ops.topKMask(norm, 2), norm, 0);
    const source = emitTorch({
      name: 'read',
      purpose: 'Norm and AbsTopK.',
      outputs: [ops.matmul(active, ops.input('w', [8, 4]))],
      inputs: ['x', 'w'],
      labels: new Map([[active, '0.act_in']]),
    });
    expect(source).toMatchInlineSnapshot(`
      "def read(
          x,  # [batch, 3, 8]
          w,  # [8, 4]
          _0_norm_gain,  # [8]
      ):
          """Norm and AbsTopK."""
          x0 = ((x * x).sum((2,), keepdim=True) * 0.125) + 0.00001  # [batch, 3, 1]
          x1 = (x * x0.rsqrt()) * _0_norm_gain  # [batch, 3, 8]
          _0_act_in = x1.masked_fill(~largest(x1, 2), 0.0)  # [batch, 3, 8]
          return _0_act_in @ w
      "
    `);
  });

  it('has another name for every input', () => {
    const outputs = [ops.add(ops.input('0.q', [2]), ops.input('_0_q', [2]))];
    const emit = () => emitTorch({ name: 'f', purpose: 'Sum.', outputs });
    expect(emit).toThrow("torch: two inputs would be called '_0_q'");
  });

  it('has attention in one call, its mask as truth values', () => {
    const [q, k, v] = ['q', 'k', 'v'].map((name) => ops.input(name, [1, 2, 3, 4]));
    const outputs = [attention(q, k, v, 0)];
    const source = emitTorch({ name: 'mix', purpose: 'Attention.', outputs });
    expect(source).toContain('return attend(q, k, v, ');
    expect(source).not.toContain('inf');
  });
});
