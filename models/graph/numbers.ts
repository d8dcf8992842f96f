/** Arrays as graphs are fed with them and answer with them. */

/** Numbers row-major in a shape. */
export interface NumberArray {
  readonly data: Float32Array | Int32Array;
  readonly dims: readonly number[];
}

/** Arrays by the name of the graph's input or output. */
export type NumberArrays = Readonly<Record<string, NumberArray>>;
