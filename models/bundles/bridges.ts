/** Bridges of a sparse model to a dense one, as a bundle has them: `bridge.safetensors`. */
import * as v from 'valibot';
import { bridgeSpecs, type BridgeSizes } from '../bridges/parameters';
import type { TransformerConfig } from '../transformer/config';
import { sizeOf, type Weights } from '../transformer/parameters';
import { BundleError, COPY_AGAIN, parseAs, parseJson } from './error';
import { fromHalves, HalfArray, toHalves } from '../halves';
import { decodeSafetensors, encodeSafetensors, type Tensor } from './safetensors';

const PARTNER = 'partner';
/** What 16 bits hold. */
const LARGEST = 65504;
const count = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(2 ** 16));
const PartnerSchema = v.strictObject({
  /** The dense model that the bridges lead to. */
  name: v.string(),
  hash: v.string(),
  dModel: count,
  /** Channels that each encoder keeps. */
  encoderKept: count,
});

/** Bridges, and the dense model that they lead to. */
export interface Bridges extends v.InferOutput<typeof PartnerSchema> {
  /** Encoders and decoders by the names of `bridgeSpecs`. */
  readonly weights: Weights;
}

const sizesOf = (config: TransformerConfig, { dModel }: { dModel: number }): BridgeSizes => ({
  ...{ layers: config.layers, sparse: config.dModel, dense: dModel },
});

/**
 * Bytes of `bridge.safetensors`, in which every number is rounded to 16 bits.
 * @throws BundleError when the bridges are not the config's, or have a number beyond 65504
 */
export function encodeBridges(config: TransformerConfig, bridges: Bridges): Uint8Array {
  const { weights, ...partner } = bridges;
  const tensors = new Map<string, Tensor>();
  for (const { name, shape } of bridgeSpecs(sizesOf(config, partner))) {
    const data = weights.get(name);
    if (data?.length !== sizeOf(shape) || !data.every((x) => Math.abs(x) < LARGEST)) {
      throw new BundleError(
        `bridges: '${name}' is not an array [${shape}] of numbers below ${LARGEST}; pass arrays of the config's shapes`,
      );
    }
    tensors.set(name, { shape, data: toHalves(data) });
  }
  return encodeSafetensors({ tensors, metadata: { [PARTNER]: JSON.stringify(partner) } });
}

/** Bridges of the bytes of `bridge.safetensors`; throws a BundleError when they do not fit. */
export function decodeBridges(config: TransformerConfig, bytes: Uint8Array, file: string): Bridges {
  const { tensors, metadata } = decodeSafetensors(bytes, file);
  const text = new TextEncoder().encode(metadata[PARTNER] ?? '');
  const partner = parseAs(PartnerSchema, parseJson(text, file), file);
  const weights = new Map<string, Float32Array>();
  for (const { name, shape } of bridgeSpecs(sizesOf(config, partner))) {
    const tensor = tensors.get(name);
    const fits = String(tensor?.shape) === String(shape);
    const data = tensor && numbersOf(tensor);
    if (!fits || !data?.every(Number.isFinite)) {
      throw new BundleError(
        `${file}, array '${name}' is not F16 [${shape}] of finite numbers; ${COPY_AGAIN}`,
      );
    }
    weights.set(name, data);
  }
  return { ...partner, weights };
}

/** Bridges as a bundle will have them. */
export function asStored(config: TransformerConfig, bridges: Bridges): Bridges {
  return decodeBridges(config, encodeBridges(config, bridges), 'bridges');
}

/** Earlier files have numbers of 32 bits. */
function numbersOf({ data }: Tensor): Float32Array | null {
  if (data instanceof HalfArray) return fromHalves(data);
  return data instanceof Float32Array ? data : null;
}
