/** Where every node is strongest in held-out text: windows of tokens, and places in them by node. */
import { siteWidth, type TransformerConfig } from '../transformer/config';
import { activationSites } from '../transformer/nodes';
import { BundleError, COPY_AGAIN } from './error';
import { decodeSafetensors, encodeSafetensors, type Tensor } from './safetensors';

/** Examples of a node and sign; at most one a window. */
export const EXAMPLES_A_SIGN = 4;
/** Places are stored in 16 bits. */
export const MOST_TOKENS = 2 ** 16;
const TOKENS = 'tokens';
const PER_NODE = 2 * EXAMPLES_A_SIGN;

/** Strongest activations of every node. */
export interface Examples {
  /** Token ids of the windows, [window, context]. */
  readonly tokens: Uint16Array;
  /**
   * By site name, [node, 8]: where a node is strongest, as an index into `tokens`, and its activation
   * there. First four positive ones, largest first, then four negative ones, largest magnitude first;
   * a value of 0 stands for none.
   */
  readonly sites: ReadonlyMap<string, SiteExamples>;
}

export interface SiteExamples {
  readonly places: Uint16Array;
  readonly values: Float32Array;
}

/** One place where a node is strong. */
export interface Example {
  readonly activation: number;
  /** Token ids of the window around it, [context], and the place in them. */
  readonly tokens: Uint16Array;
  readonly at: number;
}

/** Examples of one node, strongest first; none of a head's numbers, which are the same at every token. */
export function examplesOf(
  { tokens, sites }: Examples,
  context: number,
  site: string,
  index: number,
): { positive: Example[]; negative: Example[] } {
  const found = sites.get(site);
  if (!found) return { positive: [], negative: [] };
  const { places, values } = found;
  const list = (first: number) =>
    Array.from({ length: EXAMPLES_A_SIGN }, (_, i) => index * PER_NODE + first + i)
      .filter((entry) => values[entry] !== 0)
      .map((entry) => {
        const at = places[entry] % context;
        const start = places[entry] - at;
        return { activation: values[entry], tokens: tokens.slice(start, start + context), at };
      });
  return { positive: list(0), negative: list(EXAMPLES_A_SIGN) };
}

/** Bytes of `examples.safetensors`; throws a BundleError when the examples are not the config's. */
export function encodeExamples(config: TransformerConfig, examples: Examples): Uint8Array {
  check(config, examples, (what) => new BundleError(`examples: ${what}; pass those of the config`));
  const { context } = config;
  const { tokens, sites } = examples;
  const tensors = new Map<string, Tensor>([
    [TOKENS, { shape: [tokens.length / context, context], data: tokens }],
  ]);
  for (const [site, { places, values }] of sites) {
    const shape = [places.length / PER_NODE, PER_NODE];
    tensors.set(`${site}.places`, { shape, data: places });
    tensors.set(`${site}.values`, { shape, data: values });
  }
  return encodeSafetensors({ tensors, metadata: {} });
}

/** Examples of the bytes of `examples.safetensors`; throws a BundleError when they do not fit. */
export function decodeExamples(
  config: TransformerConfig,
  bytes: Uint8Array,
  file: string,
): Examples {
  const damaged = (what: string) => new BundleError(`${file}: ${what}; ${COPY_AGAIN}`);
  const { tensors } = decodeSafetensors(bytes, file);
  const tokens = tensors.get(TOKENS)?.data;
  const sites = new Map<string, SiteExamples>();
  for (const { name } of activationSites(config)) {
    const places = tensors.get(`${name}.places`)?.data;
    const values = tensors.get(`${name}.values`)?.data;
    if (!(places instanceof Uint16Array) || !(values instanceof Float32Array)) {
      throw damaged(`places or values of ${name} are missing or of another type`);
    }
    sites.set(name, { places, values });
  }
  if (!(tokens instanceof Uint16Array)) throw damaged('tokens are missing or of another type');
  const examples = { tokens, sites };
  check(config, examples, damaged);
  return examples;
}

function check(
  config: TransformerConfig,
  { tokens, sites }: Examples,
  misfit: (what: string) => BundleError,
): void {
  const { context, vocab } = config;
  if (tokens.length === 0 || tokens.length % context !== 0 || tokens.length > MOST_TOKENS) {
    throw misfit(`${tokens.length} tokens are no windows of ${context}, ${MOST_TOKENS} at most`);
  }
  if (tokens.some((id) => id >= vocab)) throw misfit(`a token is not below ${vocab}`);
  for (const { name, site } of activationSites(config)) {
    const count = siteWidth(config, site) * PER_NODE;
    const own = sites.get(name);
    if (own?.places.length !== count || own.values.length !== count) {
      throw misfit(`${name} does not have ${PER_NODE} examples for every node`);
    }
    if (own.places.some((place) => place >= tokens.length)) {
      throw misfit(`an example of ${name} is outside the windows`);
    }
    if (!own.values.every((value, i) => Number.isFinite(value) && isSigned(value, i))) {
      throw misfit(`an example of ${name} is not of its sign`);
    }
  }
}

/** Whether a value may stand at an entry: the first half of a node's are positive, then negative. */
function isSigned(value: number, entry: number): boolean {
  return entry % PER_NODE < EXAMPLES_A_SIGN ? value >= 0 : value <= 0;
}
