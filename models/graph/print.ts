/** A graph as text, one value a line, for reading and for snapshot tests. */
import { showShape, topologicalOrder, type Op, type Value } from './ir';
import { isSparse } from './sparse';

function attributes(op: Op): string {
  switch (op.kind) {
    case 'input':
      return ` ${op.name}`;
    case 'constant':
      return op.data.length === 1 && !isSparse(op.data) ? ` ${op.data[0]}` : '';
    case 'transpose':
      return ` perm=${op.perm.join(',')}`;
    case 'reduceSum':
      return ` axes=${op.axes.join(',')}`;
    case 'topKMask':
      return ` k=${op.k}`;
    case 'concat':
    case 'gather':
      return ` axis=${op.axis}`;
    case 'slice':
      return ` axis=${op.axis} ${op.start}:${op.end}`;
    case 'scatterAdd':
      return ` rows=${op.rows}`;
    case 'place':
      return ` depth=${op.depth}`;
    default:
      return '';
  }
}

/** The graph below the outputs, e.g. `%2 = matmul %0 %1 : float32[4, 8]`. */
export function printGraph(outputs: Readonly<Record<string, Value>>): string {
  const order = topologicalOrder(Object.values(outputs));
  const names = new Map(order.map((value, i) => [value, `%${i}`]));
  const lines = order.map((value) => {
    const inputs = value.inputs.map((x) => ` ${names.get(x)}`).join('');
    const type = `${value.dtype}${showShape(value.shape)}`;
    return `${names.get(value)} = ${value.op.kind}${attributes(value.op)}${inputs} : ${type}`;
  });
  const results = Object.entries(outputs).map(([name, v]) => `${name} = ${names.get(v)}`);
  return [...lines, `return ${results.join(', ')}`].join('\n') + '\n';
}
