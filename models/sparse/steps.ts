/** In which order the values of a graph are computed, and from what. */
import { topologicalOrder, type Attention, type Value } from '../graph/ir';

/** A value, and what it is computed from. */
export interface Step {
  readonly value: Value;
  /** The value's own inputs, or, of attention that is computed in one go, what that takes. */
  readonly inputs: readonly Value[];
  readonly attention: Attention | null;
}

/**
 * The steps to some outputs, inputs before their users.
 * @param isSparse whether the right side of a product is read as its nonzeros alone
 */
export function stepsTo(
  outputs: readonly Value[],
  isSparse: (matrix: Value) => boolean,
): readonly Step[] {
  const users = new Map<Value, number>();
  for (const { inputs } of topologicalOrder(outputs)) {
    for (const x of inputs) users.set(x, (users.get(x) ?? 0) + 1);
  }
  const steps: Step[] = [];
  const seen = new Set<Value>();
  // An explicit stack: deep models would overflow the call stack.
  const stack: { step: Step; next: number }[] = [];
  const visit = (value: Value) => {
    if (seen.has(value)) return;
    seen.add(value);
    // Where others need the shares of the keys, as gradients do, they are there already.
    const attention = value.attention && users.get(value.inputs[0]) === 1 ? value.attention : null;
    const inputs = attention ? inputsOf(attention) : value.inputs;
    stack.push({ step: { value, inputs, attention }, next: 0 });
  };
  for (const output of outputs) {
    visit(output);
    while (stack.length > 0) {
      const top = stack[stack.length - 1];
      const { value, inputs } = top.step;
      if (top.next === inputs.length) {
        steps.push(top.step);
        stack.pop();
        continue;
      }
      const i = top.next++;
      const leftOut = value.op.kind === 'matmul' && i === 1 && isSparse(inputs[1]);
      if (!leftOut) visit(inputs[i]);
    }
  }
  return steps;
}

function inputsOf(attention: Attention): Value[] {
  const { queries, keys, values, queryPlaces, keyPlaces, own } = attention;
  const all = [queries, keys, values, queryPlaces, keyPlaces];
  return own ? [...all, own.keys, own.values, own.rows] : all;
}
