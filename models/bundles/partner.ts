/** The dense model that a bundle's bridges lead to. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readBundle, resolveBundle, type Bundle } from './bundle';
import type { Bridges } from './bridges';
import { BundleError, COPY_AGAIN } from './error';
import { MANIFEST, readManifest } from './manifest';

/** Name of the shipped bundle that has bridges. */
export const SHIPPED_BRIDGED = 'python-bridge';

/** A bundle that has bridges. */
export type BridgedBundle = Bundle & { readonly bridges: Bridges };

/**
 * Reads a bundle with bridges, and the dense one that they lead to, for the command line.
 * @param given the dense model's name or folder, if people gave it with --dense
 * @throws BundleError in one line when the bundle has no bridges, or the dense one is missing or another
 */
export function readBridged(
  dir: string,
  bundlesDir: string,
  given: string | undefined,
): { sparse: BridgedBundle; dense: Bundle } {
  const sparse = readBundle(dir);
  const { bridges, name, config } = sparse;
  if (!bridges) throw noBridges(name);
  const folder = given ?? partnerFolder({ name, dir, bridges }, bundlesDir, OR_DENSE);
  const dense = readBundle(resolveBundle(folder, bundlesDir));
  checkPartner({ name, config, bridges }, dense, OR_DENSE);
  return { sparse: { ...sparse, bridges }, dense };
}

/** What else people can do at the command line. */
const OR_DENSE = ', or give it with --dense';

export const noBridges = (name: string) =>
  new BundleError(
    `${name} has no bridges to a dense model; choose ${SHIPPED_BRIDGED}, or a model that circuitscope train trained with bridges`,
  );

/**
 * Folder of the dense model that bridges lead to: of the one of its name that is shipped and the one
 * beside the bundle the one that they were trained beside.
 * @param bundlesDir folder of the shipped bundles
 * @param orElse end of the error: what else people can do
 * @throws BundleError when it is nowhere
 */
export function partnerFolder(
  { name, dir, bridges }: Pick<BridgedBundle, 'name' | 'dir' | 'bridges'>,
  bundlesDir: string,
  orElse = '',
): string {
  const place = placeOf(bridges, dir, bundlesDir);
  if (place !== null) return place;
  throw new BundleError(
    `${name} is bridged to ${bridges.name}, which was not found; put it beside ${dir}${orElse}`,
  );
}

/**
 * Checks that a dense model is the one that a bundle's bridges were trained beside, and has their sizes.
 * @param orElse end of the error about another model: what else people can do
 * @throws BundleError when it is another, or the bridges have other sizes
 */
export function checkPartner(
  { name, config, bridges }: Pick<BridgedBundle, 'name' | 'config' | 'bridges'>,
  dense: Pick<Bundle, 'dir' | 'hash' | 'config'>,
  orElse = '',
): void {
  if (dense.hash !== bridges.hash) {
    const [wanted, found] = [bridges.hash, dense.hash].map((hash) => hash.slice(0, 12));
    throw new BundleError(
      `${name} is bridged to ${bridges.name} ${wanted}, but ${dense.dir} is ${found}; put the right model beside the bridged one${orElse}`,
    );
  }
  const words = (channels: number, layers: number) => `${channels} channels and ${layers} layers`;
  const wanted = words(bridges.dModel, config.layers);
  const found = words(dense.config.dModel, dense.config.layers);
  if (wanted === found) return;
  throw new BundleError(
    `the bridges of ${name} are to a dense model of ${wanted}, but ${dense.dir} has ${found}; ${COPY_AGAIN}`,
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
