/** The arrays of the bridges between a sparse model and the dense one beside it. */
import type { TransformerConfig } from '../transformer/config';
import { placesOf } from '../transformer/model';
import { parameterSpecs, type ParameterSpec, type Weights } from '../transformer/parameters';

/** Two models of equally many layers, and how many channels an encoder keeps. */
export interface BridgedPair {
  readonly sparse: TransformerConfig;
  readonly dense: TransformerConfig;
  /** AbsTopK of every encoder. */
  readonly encoderKept: number;
}

/** Before the names of the dense model's parameters, where both models' stand together. */
export const DENSE = 'dense.';

export type BridgePart = 'encoder' | 'decoder';

/** Name of a bridge's array at a place of the residual stream. */
export const bridgeParameter = (place: number, part: BridgePart, kind: 'weight' | 'bias') =>
  `bridge.${place}.${part}.${kind}`;

/** What the shapes of bridges depend on: layers of both models, and widths of their residual streams. */
export interface BridgeSizes {
  readonly layers: number;
  readonly sparse: number;
  readonly dense: number;
}

/** Encoders [dDense, dSparse] and decoders [dSparse, dDense] of every place, each with a bias. */
export function bridgeSpecs({ layers, sparse, dense }: BridgeSizes): ParameterSpec[] {
  const rest = { initial: 0, sparse: false, trained: true } as const;
  const linear = (place: number, part: BridgePart, from: number, to: number): ParameterSpec[] => [
    {
      name: bridgeParameter(place, part, 'weight'),
      ...{ shape: [from, to], std: from ** -0.5, decay: true, channelAxis: 1, ...rest },
    },
    {
      name: bridgeParameter(place, part, 'bias'),
      ...{ shape: [to], std: 0, decay: false, channelAxis: null, ...rest },
    },
  ];
  return Array.from({ length: placesOf({ layers }) }, (_, place) => [
    ...linear(place, 'encoder', dense, sparse),
    ...linear(place, 'decoder', sparse, dense),
  ]).flat();
}

/** The sparse model's parameters, the bridges', and the dense model's, which are given. */
export function pairSpecs(pair: BridgedPair): ParameterSpec[] {
  const given = parameterSpecs(pair.dense).map((spec) => ({
    ...spec,
    ...{ name: DENSE + spec.name, trained: false },
  }));
  const { sparse, dense } = pair;
  const sizes = { layers: sparse.layers, sparse: sparse.dModel, dense: dense.dModel };
  return [...parameterSpecs(sparse), ...bridgeSpecs(sizes), ...given];
}

/** The dense model's weights under the names that they have beside the sparse one's. */
export function givenWeights(dense: Weights): Map<string, Float32Array> {
  return new Map(Array.from(dense, ([name, data]) => [DENSE + name, data]));
}

/** The dense model's parameters out of both models'. */
export function denseParameters<T>(all: ReadonlyMap<string, T>): Map<string, T> {
  const own = [...all].filter(([name]) => name.startsWith(DENSE));
  return new Map(own.map(([name, value]) => [name.slice(DENSE.length), value]));
}

/** Sizes that two models must share to be bridged, in words. */
const SHARED_SIZES = {
  layers: (count: number) => `${count} layers`,
  vocab: (count: number) => `a vocabulary of ${count} tokens`,
  context: (count: number) => `a context of ${count} tokens`,
};

/** Says why two models cannot be bridged; null when they can. */
export function misfitOf({ sparse, dense, encoderKept }: BridgedPair): string | null {
  for (const size of ['layers', 'vocab', 'context'] as const) {
    if (sparse[size] === dense[size]) continue;
    const words = SHARED_SIZES[size];
    return `the dense model has ${words(dense[size])}, the sparse model ${words(sparse[size])}`;
  }
  if (encoderKept <= sparse.dModel) return null;
  return `encoderKept is ${encoderKept}, more than the sparse model's ${sparse.dModel} channels`;
}
