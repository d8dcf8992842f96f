/**
 * A computation as a graph of values: each value has an operation, its inputs, a shape and a type.
 * Graphs are built with the functions of `ops.ts`, differentiated by `gradient.ts`, printed by
 * `print.ts` and turned into ONNX by `onnx.ts`.
 */
import type { SparseArray } from './sparse';

/**
 * Size of an axis: a number, or a name for a size known only when the model runs. `name?` stands for
 * an axis that is either `name` long or 1, and broadcasts to `name`; `name+1` is one longer, `a+b` as
 * long as both and `a*b` as their product.
 */
export type Dim = number | string;
export type Shape = readonly Dim[];
export type DType = 'float32' | 'int32' | 'bool';

/** Numbers of a constant; float32 ones that are mostly zero may be given by the others. */
export type ConstantData = Float32Array | Int32Array | SparseArray;

/** Every operation with its attributes; `axis` and `axes` count from 0. */
export type Op =
  | { readonly kind: 'input'; readonly name: string }
  | { readonly kind: 'constant'; readonly data: ConstantData }
  | { readonly kind: 'add' | 'sub' | 'mul' | 'div' }
  | { readonly kind: 'neg' | 'exp' | 'log' | 'sqrt' | 'erf' | 'gelu' }
  | { readonly kind: 'greaterEqual' }
  | { readonly kind: 'where' }
  | { readonly kind: 'matmul' }
  | { readonly kind: 'transpose'; readonly perm: readonly number[] }
  | { readonly kind: 'reshape'; readonly shape: Shape }
  | { readonly kind: 'expandLike' }
  | { readonly kind: 'reduceSum'; readonly axes: readonly number[] }
  | { readonly kind: 'softmax' | 'logSoftmax' }
  | { readonly kind: 'topKMask'; readonly k: number }
  | { readonly kind: 'concat'; readonly axis: number }
  | { readonly kind: 'slice'; readonly axis: number; readonly start: number; readonly end: number }
  | { readonly kind: 'gather'; readonly axis: number }
  | { readonly kind: 'scatterAdd'; readonly rows: number }
  | { readonly kind: 'pick' }
  | { readonly kind: 'place'; readonly depth: number };
export type OpKind = Op['kind'];

/** One value of a graph. Values are immutable and shared by whoever reads them. */
export interface Value {
  readonly op: Op;
  readonly inputs: readonly Value[];
  readonly shape: Shape;
  readonly dtype: DType;
  /** The same numbers as attention, for an engine that computes it in one go. */
  readonly attention?: Attention;
}

/**
 * softmax(queries · keysᵀ) · values, where a query attends to the keys whose places are not beyond its
 * own, and to positions of its own text.
 */
export interface Attention {
  /** [batch, head, pos, channel] */
  readonly queries: Value;
  /** [batch or 1, head, key, channel] and [batch or 1, head, key, dHead]. */
  readonly keys: Value;
  readonly values: Value;
  /** int32 [pos], and [key] in ascending order. */
  readonly queryPlaces: Value;
  readonly keyPlaces: Value;
  /**
   * Further keys and values of the queries' positions, of which each attends to its own and those
   * before: [batch, head, pos, channel] and [batch, head, pos, dHead]; rows are int32 [pos]: 0, 1, 2, …
   */
  readonly own: { readonly keys: Value; readonly values: Value; readonly rows: Value } | null;
}

/** Shape as text, e.g. `[batch, 256]`. */
export function showShape(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}

/** The graph below some outputs, inputs before their users, each value once. */
export function topologicalOrder(outputs: readonly Value[]): Value[] {
  const order: Value[] = [];
  const seen = new Set<Value>();
  // An explicit stack: deep models would overflow the call stack.
  const stack: { value: Value; next: number }[] = [];
  const visit = (value: Value) => {
    if (seen.has(value)) return;
    seen.add(value);
    stack.push({ value, next: 0 });
  };
  for (const output of outputs) {
    visit(output);
    while (stack.length > 0) {
      const top = stack[stack.length - 1];
      if (top.next < top.value.inputs.length) {
        visit(top.value.inputs[top.next++]);
      } else {
        order.push(top.value);
        stack.pop();
      }
    }
  }
  return order;
}
