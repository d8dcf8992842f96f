/** Interventions as the command line gives them. */
import { readJson } from '../input';
import {
  LARGEST,
  parseInterventionSet,
  type Ablation,
  type InterventionSet,
} from '../inference/interventions';
import type { BundleInfo } from '../inference/engine';
import { UsageError } from './command';

/** How to write `--kind`. */
export const KINDS = 'mean, zero, value=NUMBER or scale=NUMBER';

/** An ablation from `--kind`. */
export function parseKind(text: string): Ablation {
  if (text === 'mean' || text === 'zero') return { kind: text };
  const match = /^(value|scale)=(.+)$/.exec(text);
  const number = Number(match?.[2] ?? NaN);
  if (!match || !Number.isFinite(number)) {
    throw new UsageError(`unknown kind '${text}'; write ${KINDS}`);
  }
  if (Math.abs(number) > LARGEST) {
    throw new UsageError(`--kind ${text} is too large; the largest magnitude is ${LARGEST}`);
  }
  return match[1] === 'value' ? { kind: 'value', value: number } : { kind: 'scale', scale: number };
}

/** Node names from `--ablate`, separated by commas. */
export function parseNodes(text: string): string[] {
  const nodes = text.split(',').map((name) => name.trim());
  if (nodes.includes('')) {
    throw new UsageError(`--ablate '${text}' has an empty name; write NODE,NODE`);
  }
  return nodes;
}

/** The set of interventions in a JSON file. */
export function readInterventions(file: string): InterventionSet {
  return parseInterventionSet(readJson(file), file);
}

/**
 * Checks that a set is of the model in use, where it says of which it is.
 * @throws one line that names both models
 */
export function checkSet({ name, bundle }: InterventionSet, info: BundleInfo): void {
  if (!bundle || bundle.hash === info.hash) return;
  const [own, used] = [bundle, info].map(({ name, hash }) => `'${name}' (${hash.slice(0, 12)})`);
  throw new Error(
    `the set '${name}' was made with the model ${own}, and the model in use is ${used}; choose its model with --bundle`,
  );
}
