/** The dense model that a bundle's bridges lead to. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readBundle, resolveBundle, type Bundle } from './bundle';
import type { Bridges } from './bridges';
import { BundleError } from './error';
import { MANIFEST, readManifest } from './manifest';

/** A bundle that has bridges. */
export type BridgedBundle = Bundle & { readonly bridges: Bridges };

/**
 * Reads a bundle with bridges, and the dense one that they lead to.
 * @throws BundleError in one line when the bundle has no bridges, or the dense one is missing or another
 */
export function readBridged(
  dir: string,
  bundlesDir: string,
  given: string | undefined,
): { sparse: BridgedBundle; dense: Bundle } {
  const sparse = readBundle(dir);
  const { bridges, name } = sparse;
  if (!bridges) throw noBridges(name);
  const dense = readBundle(partnerFolder({ name, dir, bridges }, bundlesDir, given));
  checkPartner(name, bridges, dense);
  return { sparse: { ...sparse, bridges }, dense };
}

export const noBridges = (name: string) =>
  new BundleError(
    `${name} has no bridges to a dense model; choose a model that circuitscope train trained with bridges`,
  );

/**
 * Folder of the dense model that bridges lead to: the given one, else of the one of its name that is
 * shipped and the one beside the bundle the one that they were trained beside.
 * @param bundlesDir folder of the shipped bundles
 * @throws BundleError when it is nowhere
 */
export function partnerFolder(
  { name, dir, bridges }: Pick<BridgedBundle, 'name' | 'dir' | 'bridges'>,
  bundlesDir: string,
  given: string | undefined,
): string {
  const place = given ?? placeOf(bridges, dir, bundlesDir);
  if (place !== null) return resolveBundle(place, bundlesDir);
  throw new BundleError(
    `${name} is bridged to ${bridges.name}, which was not found; put it beside ${dir}, or give its folder to steer with --dense`,
  );
}

/** @throws BundleError when a model is not the one that a bundle's bridges were trained beside */
export function checkPartner(
  name: string,
  bridges: Bridges,
  dense: Pick<Bundle, 'dir' | 'hash'>,
): void {
  if (dense.hash === bridges.hash) return;
  const [wanted, found] = [bridges.hash, dense.hash].map((hash) => hash.slice(0, 12));
  throw new BundleError(
    `${name} is bridged to ${bridges.name} ${wanted}, but ${dense.dir} is ${found}; put the right model beside the bridged one, or give it to steer with --dense`,
  );
}

/**
 * Where a dense model is: among the shipped ones, or beside the bundle; null for neither. Where both
 * have one of its name, the one with its hash.
 */
function placeOf({ name, hash }: Bridges, dir: string, bundlesDir: string): string | null {
  const folders = [join(bundlesDir, name), join(dirname(dir), name)].filter((folder) =>
    existsSync(join(folder, MANIFEST)),
  );
  const isRight = (folder: string) => {
    try {
      return readManifest(folder).hash === hash;
    } catch (error) {
      if (error instanceof BundleError) return false;
      throw error;
    }
  };
  return folders.find(isRight) ?? folders.at(0) ?? null;
}
