/** Attention in one go: how its kernel is called. */
import { copied } from './kernelCalls';
import type { Target } from './program';
import { broadcast, usualOrder, type Tensor } from './tensor';

/** Queries that the kernel takes at once. */
const LANES = 16;
/** About how many multiplications the share of a key is worth, beside its products. */
const SHARE = 12;

/**
 * @param inputs queries, keys, values, their places, and keys, values and rows of the queries' own
 *   positions if there are any: the fields of `Attention`
 */
export function attentionOf(target: Target, inputs: readonly Tensor[]): Tensor {
  const [queries, keys, values, queryPlaces, keyPlaces, ...own] = inputs;
  const [batch, heads, pos, channels] = queries.shape;
  const shared = [keys, values].every(({ strides }) => strides[0] === 0);
  const alike = shared && [queries, ...own.slice(0, 2)].every(({ strides }) => strides[0] === 0);
  const texts = alike ? 1 : batch;
  if (own.length > 0 && !shared) throw new Error('texts that are continued share their past');
  // Of texts with the same keys all queries are columns of one product.
  const outer = shared ? 1 : texts;
  const columns = (texts * pos) / outer;
  const place = (x: Tensor) => columnwise(target, x, texts, pos);
  const [q, ownKeys, ownValues] = [queries, ...own.slice(0, 2)].map(place);
  const [k, v] = [keys, values].map((x) => columnwise(target, x, outer, x.shape[2]));
  const byColumn = (x: Tensor) => copied(target, broadcast(x, [texts, pos]), [0, 1]);
  const places = byColumn(queryPlaces);
  const rows = own.length > 0 ? byColumn(own[2]) : places;
  const known = keyPlaces.shape[0] === 1 || keyPlaces.strides[0] === 1;
  const size = k.shape[2];
  const width = v.shape[3];
  const result = target.allocate(
    [texts, heads, pos, width],
    usualOrder([texts, heads, pos, width]),
  );
  const memory = LANES * (size + (own.length > 0 ? pos : 0));
  const scores = target.allocate([target.tasks, memory], [0, 1]);
  const strides = (x: Tensor, axes: readonly number[]) => axes.map((axis) => x.strides[axis]);
  target.emit({
    kernel: 'attention',
    arrays: [
      ...[result, q, k, v, places, known ? keyPlaces : copied(target, keyPlaces, [0])],
      ...[ownKeys ?? k, ownValues ?? v, rows, scores],
    ],
    ints: [
      ...[heads, outer, columns, channels, width, size, own.length > 0 ? pos : 0],
      ...[result, q, k, v].flatMap((x) => strides(x, [0, 1, 3])),
      ...[ownKeys ?? k, ownValues ?? v].flatMap((x) => strides(x, [1, 3])),
      scores.strides[0] || memory,
    ],
    work: outer * heads * columns * size * (channels + width + SHARE),
  });
  return broadcast(result, [batch, heads, pos, width]);
}

/** x [texts, head, row, channel] with the rows of one text beside each other, and texts beside texts. */
function columnwise(target: Target, x: Tensor, texts: number, rows: number): Tensor {
  const [, heads, , channels] = x.shape;
  const shape = [texts, heads, rows, channels];
  const own: Tensor = { ...x, shape };
  const inRow = rows === 1 || x.strides[2] === 1;
  if (inRow && (texts === 1 || x.strides[0] === rows)) return own;
  return copied(target, own, usualOrder(shape));
}
