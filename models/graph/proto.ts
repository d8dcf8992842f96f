/**
 * The part of ONNX's protobuf schema that an emitted model needs (onnx.proto, IR version 10), as a
 * protobufjs descriptor.
 */
import protobuf from 'protobufjs';
import { isSparse, type SparseArray } from './sparse';

type Fields = Record<string, { id: number; type: string; rule?: 'repeated' }>;
const one = (id: number, type: string) => ({ id, type });
const many = (id: number, type: string) => ({ id, type, rule: 'repeated' as const });

/** Fields that are written by hand. */
const GRAPH_FIELD = 7;
const INITIALIZER_FIELD = 5;
const RAW_DATA_FIELD = 9;

const messages: Record<string, Fields> = {
  ModelProto: {
    irVersion: one(1, 'int64'),
    producerName: one(2, 'string'),
    opsetImport: many(8, 'OperatorSetIdProto'),
  },
  OperatorSetIdProto: { domain: one(1, 'string'), version: one(2, 'int64') },
  GraphProto: {
    node: many(1, 'NodeProto'),
    name: one(2, 'string'),
    input: many(11, 'ValueInfoProto'),
    output: many(12, 'ValueInfoProto'),
  },
  NodeProto: {
    input: many(1, 'string'),
    output: many(2, 'string'),
    name: one(3, 'string'),
    opType: one(4, 'string'),
    attribute: many(5, 'AttributeProto'),
    domain: one(7, 'string'),
  },
  AttributeProto: {
    name: one(1, 'string'),
    f: one(2, 'float'),
    i: one(3, 'int64'),
    s: one(4, 'bytes'),
    t: one(5, 'TensorProto'),
    ints: many(8, 'int64'),
    type: one(20, 'int32'),
  },
  TensorProto: {
    dims: many(1, 'int64'),
    dataType: one(2, 'int32'),
    name: one(8, 'string'),
  },
  ValueInfoProto: { name: one(1, 'string'), type: one(2, 'TypeProto') },
  TypeProto: { tensorType: one(1, 'TensorType') },
  TensorType: { elemType: one(1, 'int32'), shape: one(2, 'TensorShapeProto') },
  TensorShapeProto: { dim: many(1, 'Dimension') },
  Dimension: { dimValue: one(1, 'int64'), dimParam: one(2, 'string') },
};

/** ONNX's numbers for element types. */
export const ElementType = { float32: 1, int32: 6, int64: 7, bool: 9 } as const;

/** ONNX's numbers for attribute types. */
export const AttributeType = { float: 1, int: 2, string: 3, tensor: 4, ints: 7 } as const;

/** A fixed array of a model. */
export interface Initializer {
  readonly name: string;
  readonly dims: readonly number[];
  readonly data: Float32Array | Int32Array | BigInt64Array | SparseArray;
}

/** ONNX Runtime takes a model from memory up to this size. */
const MOST_BYTES = 2 ** 31 - 1;

/**
 * Bytes of a model: its fields, those of its graph, and the graph's initialisers, which are put in
 * their place by hand. protobufjs copies every array twice, and fails at 1 GiB.
 * @throws when there is more than ONNX Runtime takes
 */
export function encodeModel(
  model: object,
  graph: object,
  initializers: readonly Initializer[],
): Uint8Array {
  const modelFields = encode(ModelProto, model);
  const graphFields = encode(GraphProto, graph);
  const tensors = initializers.map((initializer) => {
    const { name, dims, data } = initializer;
    const bytes = data.length * (data instanceof BigInt64Array ? 8 : 4);
    const fields = encode(TensorProto, { name, dims, dataType: typeOf(initializer) });
    const raw = lengthDelimited(RAW_DATA_FIELD, bytes);
    const length = fields.length + raw.length + bytes;
    const head = Buffer.concat([lengthDelimited(INITIALIZER_FIELD, length), fields, raw]);
    return { head, data, bytes };
  });
  const graphBytes = tensors.reduce(
    (sum, { head, bytes }) => sum + head.length + bytes,
    graphFields.length,
  );
  const head = Buffer.concat([modelFields, lengthDelimited(GRAPH_FIELD, graphBytes), graphFields]);
  const size = head.length + graphBytes - graphFields.length;
  if (size > MOST_BYTES) {
    throw new Error(
      `the model takes ${size} bytes and ONNX Runtime ${MOST_BYTES}; use a smaller one`,
    );
  }
  const out = new Uint8Array(size);
  out.set(head);
  let at = head.length;
  for (const { head, data, bytes } of tensors) {
    out.set(head, at);
    at += head.length;
    if (isSparse(data)) writeSparse(data, out, at);
    else out.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += bytes;
  }
  return out;
}

/** Writes the nonzero entries over the zeros of a new buffer, where they need not be aligned. */
function writeSparse({ indices, values }: SparseArray, out: Uint8Array, start: number): void {
  const view = new DataView(out.buffer, out.byteOffset + start);
  for (let i = 0; i < indices.length; i++) view.setFloat32(4 * indices[i], values[i], true);
}

function typeOf({ data }: Initializer): number {
  if (data instanceof BigInt64Array) return ElementType.int64;
  return data instanceof Int32Array ? ElementType.int32 : ElementType.float32;
}

const root = protobuf.Root.fromJSON({
  nested: Object.fromEntries(Object.entries(messages).map(([name, fields]) => [name, { fields }])),
});
const [ModelProto, GraphProto, TensorProto] = ['ModelProto', 'GraphProto', 'TensorProto'].map(
  (name) => root.lookupType(name),
);

function encode(type: protobuf.Type, message: object): Uint8Array {
  return type.encode(type.fromObject(message)).finish();
}

/** Tag of a field that is preceded by its length, and the length. */
function lengthDelimited(field: number, length: number): Uint8Array {
  return protobuf.Writer.create()
    .uint32(8 * field + 2)
    .uint32(length)
    .finish();
}
