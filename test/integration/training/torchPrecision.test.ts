/** What is left of gradients when the products of a run are in bfloat16. */
import { describe, expect, it } from 'vitest';
import * as ops from '../../../models/graph/ops';
import { emitTorch } from '../../../models/graph/torch';
import { TORCH_PRELUDE } from '../../../models/graph/torchPrelude';
import { attend } from '../../../models/transformer/attention';
import { RECENCY_SPAN } from '../../../models/transformer/model';
import { runPython, torchPython } from '../../support/python';

const [BATCH, HEADS, CONTEXT, WIDTH] = [2, 8, 256, 8];
/** Slopes from what heads start with to what training makes of them. */
const STEEPEST = 24;
/** Of a gradient's size, its inputs being the same: float32 with sums in another order. */
const BOUND = 1e-4;

/** Attention with sinks and slopes, as the model has it, as a function of Python. */
function attentionSource(): string {
  const each = [BATCH, HEADS, CONTEXT, WIDTH];
  const [q, k, v] = ['q', 'k', 'v'].map((name) => ops.input(name, each));
  const [sink, slope] = ['sink', 'slope'].map((name) => ({
    value: ops.input(name, [1, HEADS, 1, 1]),
    everywhere: true,
  }));
  const counted = (from: number, to: number) =>
    ops.constant(
      Int32Array.from({ length: to - from }, (_, i) => from + i),
      [to - from],
    );
  const [index, keyIndex] = [counted(0, CONTEXT), counted(-1, CONTEXT)];
  const here = Float32Array.from({ length: CONTEXT }, (_, position) => position / RECENCY_SPAN);
  const mixed = attend({
    ...{ q, k, v, sink, slope, index, keyIndex, past: undefined },
    here: ops.constant(here, [CONTEXT]),
    allowed: ops.greaterEqual(ops.reshape(index, [CONTEXT, 1]), keyIndex),
  });
  const inputs = ['q', 'k', 'v', 'sink', 'slope'];
  return emitTorch({ name: 'mix', purpose: 'Attention.', outputs: [mixed], inputs });
}

const PROGRAM = `
import json, sys
${TORCH_PRELUDE}
given = json.load(open(sys.argv[1]))
exec(given["source"])
torch.manual_seed(1)
batch, heads, context, width = given["shape"]
short = lambda *shape: torch.randn(*shape).bfloat16().float()  # numbers that bfloat16 has
q, k, v, grad = (short(batch, heads, context, width) for _ in range(4))
sink = torch.linspace(-2, 5, heads).reshape(1, heads, 1, 1)
slope = given["steepest"] * 2.0 ** -torch.arange(heads).reshape(1, heads, 1, 1)

def gradients(enabled):
    inputs = [x.clone().requires_grad_() for x in (q, k, v, sink, slope)]
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=enabled):
        mixed = mix(*inputs)
    mixed.backward(grad.to(mixed.dtype))
    return [x.grad.double() for x in inputs]

names = ("q", "k", "v", "sink", "slope")
pairs = list(zip(names, gradients(True), gradients(False)))
error = {name: ((a - b).norm() / b.norm()).item() for name, a, b in pairs}
print(json.dumps(error))
`;

describe.skipIf(!torchPython)('with products in bfloat16', () => {
  it('attention loses nothing of the gradients of sinks and slopes', async () => {
    const given = { source: attentionSource(), shape: [BATCH, HEADS, CONTEXT, WIDTH] };
    const error = await runPython<Record<string, number>>(PROGRAM, {
      ...given,
      steepest: STEEPEST,
    });
    expect(Object.keys(error)).toEqual(['q', 'k', 'v', 'sink', 'slope']);
    for (const [name, relative] of Object.entries(error)) {
      expect(relative, name).toBeLessThan(BOUND);
    }
  });
});
