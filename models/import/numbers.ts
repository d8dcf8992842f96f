/** Numbers of foreign files in our types. All are little-endian, as is every machine that this runs on. */
import { numberOfHalf } from '../halves';

/** Floating types by the name that safetensors has for them, and integer ones. */
export type FloatType = 'F64' | 'F32' | 'F16' | 'BF16';
export type IntegerType = 'I64' | 'I32' | 'I16' | 'I8' | 'U8' | 'BOOL';
export type NumberType = FloatType | IntegerType;

/** Bytes of one number. */
export const NUMBER_BYTES: Readonly<Record<NumberType, number>> = {
  ...{ F64: 8, F32: 4, F16: 2, BF16: 2 },
  ...{ I64: 8, I32: 4, I16: 2, I8: 1, U8: 1, BOOL: 1 },
};

export function isFloat(type: NumberType): type is FloatType {
  return type === 'F64' || type === 'F32' || type === 'F16' || type === 'BF16';
}

/** Floating numbers as 32-bit ones; 64-bit ones are rounded. */
export function floatsOf(bytes: Buffer, type: FloatType): Float32Array {
  const count = bytes.length / NUMBER_BYTES[type];
  switch (type) {
    case 'F32':
      return new Float32Array(aligned(bytes, 4), 0, count);
    case 'F64':
      return Float32Array.from(new Float64Array(aligned(bytes, 8), 0, count));
    case 'BF16': {
      const bits = new Uint32Array(count);
      for (let i = 0; i < count; i++) bits[i] = bytes.readUInt16LE(2 * i) << 16;
      return new Float32Array(bits.buffer);
    }
    case 'F16':
      return Float32Array.from({ length: count }, (_, i) =>
        numberOfHalf(bytes.readUInt16LE(2 * i)),
      );
  }
}

/** Integers as numbers; those beyond 2⁵³ are rounded. */
export function integersOf(bytes: Buffer, type: IntegerType): number[] {
  const read: Record<IntegerType, (at: number) => number> = {
    I64: (at) => Number(bytes.readBigInt64LE(at)),
    I32: (at) => bytes.readInt32LE(at),
    I16: (at) => bytes.readInt16LE(at),
    I8: (at) => bytes.readInt8(at),
    U8: (at) => bytes[at],
    BOOL: (at) => bytes[at],
  };
  const width = NUMBER_BYTES[type];
  return Array.from({ length: bytes.length / width }, (_, i) => read[type](i * width));
}

/** A buffer that begins with the bytes, copied only when theirs does not. */
function aligned(bytes: Buffer, width: number): ArrayBuffer {
  const { buffer, byteOffset, byteLength } = bytes;
  if (byteOffset === 0 && byteLength % width === 0) return buffer as ArrayBuffer;
  return Uint8Array.from(bytes).buffer;
}
