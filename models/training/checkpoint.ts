/** A run's state in one safetensors file: complete or absent, whatever moment the run is killed at. */
import { existsSync } from 'node:fs';
import { readSafetensors, safetensorsParts } from '../bundles/safetensors';
import { writeFileAtomic } from '../files';

/** Everything that a resumed run continues from; batches follow from seed and step. */
export interface Checkpoint {
  /** Steps done. */
  readonly step: number;
  /** Trained weights and Adam moments, flat. */
  readonly weights: Float32Array;
  readonly first: Float32Array;
  readonly second: Float32Array;
  /** Which neurons were active since those that were not were revived last; empty without revival. */
  readonly active: Uint8Array;
  /** Fingerprint of the settings; a run resumes only with the same. */
  readonly settings: string;
  /** Hash of the dense model beside a bridged run; empty for others. */
  readonly dense: string;
}

const PARTS = ['weights', 'first', 'second'] as const;
const ACTIVE = 'active';

/** Writes a checkpoint, of any size, aside and renames it into place. */
export function writeCheckpoint(file: string, checkpoint: Checkpoint): void {
  const names = [...PARTS, ACTIVE] as const;
  const tensors = new Map(
    names.map((name) => [name, { shape: [checkpoint[name].length], data: checkpoint[name] }]),
  );
  const metadata = {
    step: String(checkpoint.step),
    settings: checkpoint.settings,
    dense: checkpoint.dense,
  };
  writeFileAtomic(file, safetensorsParts({ tensors, metadata }));
}

/** The checkpoint in a file, or null when there is none. */
export function readCheckpoint(file: string, entries: number): Checkpoint | null {
  if (!existsSync(file)) return null;
  const { tensors, metadata } = readSafetensors(file, [...PARTS, ACTIVE]);
  const part = (name: string): Float32Array => {
    const data = tensors.get(name)?.data;
    if (!(data instanceof Float32Array) || data.length !== entries) {
      throw new Error(
        `${file} is not a checkpoint of this model; remove it or choose another --out`,
      );
    }
    return data;
  };
  const [weights, first, second] = PARTS.map(part);
  return {
    step: Number(metadata.step),
    settings: metadata.settings ?? '',
    dense: metadata.dense ?? '',
    weights,
    first,
    second,
    active: Uint8Array.from(tensors.get(ACTIVE)?.data ?? []),
  };
}
