/** `examples.safetensors`: examples of nodes as a file of a bundle. */
import { siteWidth, type TransformerConfig } from '../transformer/config';
import { activationSites } from '../transformer/nodes';
import { BundleError, COPY_AGAIN } from './error';
import {
  BINS,
  emptySite,
  EXAMPLES_A_SIGN,
  MOST_TOKENS,
  PARTS,
  partOf,
  PER_SIGN,
  readTokens,
  SIGNS,
  type Examples,
  type SiteExamples,
} from './examples';
import { decodeSafetensors, encodeSafetensors, type Tensor } from './safetensors';

const TOKENS = 'tokens';

/** Bytes of `examples.safetensors`; throws a BundleError when the examples are not the config's. */
export function encodeExamples(config: TransformerConfig, examples: Examples): Uint8Array {
  check(
    config,
    examples,
    (what) => new BundleError(`examples: ${what}; pass examples made for this config`),
  );
  const { context } = config;
  const { tokens, sites } = examples;
  const tensors = new Map<string, Tensor>([
    [TOKENS, { shape: [tokens.length / context, context], data: tokens }],
  ]);
  for (const [site, { places, peaks, parts, activity }] of sites) {
    const add = (name: string, data: Tensor['data'], ...shape: readonly number[]) => {
      tensors.set(`${site}.${name}`, { shape: [peaks.length / SIGNS, ...shape], data });
    };
    add('places', places, SIGNS, PER_SIGN);
    add('peaks', peaks, SIGNS);
    add('parts', parts, SIGNS, PARTS);
    if (!activity) continue;
    add('active', activity.active, SIGNS);
    add('bins', activity.bins, BINS);
  }
  return encodeSafetensors({ tensors, metadata: {} });
}

/**
 * Examples of the bytes of `examples.safetensors`, of earlier versions too, which have the strongest
 * alone; throws a BundleError when they do not fit.
 */
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
    const own = siteOf(tensors, name) ?? olderSite(tensors, name);
    if (!own) throw damaged(`arrays of ${name} are missing or of another type`);
    sites.set(name, own);
  }
  if (!(tokens instanceof Uint16Array)) throw damaged('tokens are missing or of another type');
  const examples = { tokens, sites };
  check(config, examples, damaged);
  return examples;
}

/** The arrays of a site; null where one is missing or of another type. */
function siteOf(tensors: ReadonlyMap<string, Tensor>, site: string): SiteExamples | null {
  const [places, peaks, parts, active, bins] = ['places', 'peaks', 'parts', 'active', 'bins'].map(
    (name) => tensors.get(`${site}.${name}`)?.data,
  );
  return places instanceof Uint16Array &&
    peaks instanceof Float32Array &&
    parts instanceof Uint16Array &&
    active instanceof Uint16Array &&
    bins instanceof Uint8Array
    ? { places, peaks, parts, activity: { active, bins } }
    : null;
}

/** A site of an earlier version: four of each sign by node, in 32 bits. */
function olderSite(tensors: ReadonlyMap<string, Tensor>, site: string): SiteExamples | null {
  const [places, values] = ['places', 'values'].map((name) => tensors.get(`${site}.${name}`)?.data);
  if (!(places instanceof Uint16Array && values instanceof Float32Array)) return null;
  const own = emptySite(values.length / (SIGNS * EXAMPLES_A_SIGN));
  for (let row = 0; row < own.peaks.length; row++) {
    const [peak] = values.subarray(row * EXAMPLES_A_SIGN);
    own.peaks[row] = peak;
    for (let i = 0; i < EXAMPLES_A_SIGN; i++) {
      const entry = row * EXAMPLES_A_SIGN + i;
      own.places[row * PER_SIGN + i] = places[entry];
      if (i > 0 && peak !== 0) own.parts[row * PARTS + i - 1] = partOf(values[entry], peak);
    }
  }
  return { ...own, activity: null };
}

function check(
  config: TransformerConfig,
  { tokens, sites }: Examples,
  misfit: (what: string) => BundleError,
): void {
  const { context, vocab } = config;
  if (tokens.length === 0 || tokens.length % context !== 0 || tokens.length > MOST_TOKENS) {
    throw misfit(
      `${tokens.length} tokens are not whole windows of ${context}, or more than ${MOST_TOKENS}`,
    );
  }
  if (tokens.some((id) => id >= vocab))
    throw misfit(`a token is outside the vocabulary of ${vocab}`);
  for (const { name, site } of activationSites(config)) {
    const own = sites.get(name);
    if (!own || !hasSizes(own, siteWidth(config, site))) {
      throw misfit(`${name} does not have ${SIGNS * PER_SIGN} examples for every node`);
    }
    if (own.places.some((place) => place >= tokens.length)) {
      throw misfit(`an example of ${name} is outside the windows`);
    }
    if (
      !own.peaks.every((peak, i) => Number.isFinite(peak) && (i % SIGNS ? peak <= 0 : peak >= 0))
    ) {
      throw misfit(`an example of ${name} has the wrong sign`);
    }
    const { peaks, activity } = own;
    if (activity && !activity.active.every((count, i) => count > 0 === (peaks[i] !== 0))) {
      throw misfit(`${name} has active nodes without an example, or examples of inactive ones`);
    }
    if (activity?.active.some((count) => count > readTokens(tokens, context))) {
      throw misfit(`${name} is active at more tokens than there are`);
    }
  }
}

function hasSizes({ places, peaks, parts, activity }: SiteExamples, width: number): boolean {
  const wanted = emptySite(width);
  return (
    places.length === wanted.places.length &&
    peaks.length === wanted.peaks.length &&
    parts.length === wanted.parts.length &&
    (activity === null ||
      (activity.active.length === wanted.activity.active.length &&
        activity.bins.length === wanted.activity.bins.length))
  );
}
