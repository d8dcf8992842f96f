/** Finding bundles: the shipped ones and, in a trusted workspace, folders. */
import { t } from '../../shared/l10n';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import * as v from 'valibot';
import { resolveBundle } from '../../models/bundles/bundle';
import { isWithin } from '../within';

/** What decides where a bundle is looked for. */
export interface BundlePlaces {
  /** Folder of the shipped bundles. */
  readonly shipped: string;
  /** Folders of the workspace. */
  readonly workspace: readonly string[];
  readonly trusted: boolean;
}

/** Figures of a model card that the editor uses. */
const CardSchema = v.object({ natsPerToken: v.object({ heldOutOrdinary: v.number() }) });

/**
 * Folder of a bundle, given by the name of a shipped one or by its own folder.
 * @throws one line when there is none, or when it is in a workspace that is not trusted
 */
export function bundleFolder(nameOrDir: string, places: BundlePlaces): string {
  const isName = !/[\\/]/.test(nameOrDir);
  if (isName) return shippedBundle(nameOrDir, places.shipped);
  const inWorkspace = places.workspace.map((folder) => resolve(folder, nameOrDir));
  const found = inWorkspace.find((dir) => existsSync(join(dir, 'bundle.json')));
  const dir = resolveBundle(found ?? nameOrDir, places.shipped);
  if (!places.trusted && places.workspace.some((folder) => isWithin(dir, folder))) {
    throw new Error(
      t('{0} is in a workspace that is not trusted; trust it or choose another model', dir),
    );
  }
  return dir;
}

/** Folder of a shipped bundle; a name never means a folder of wherever the editor was started. */
function shippedBundle(name: string, shipped: string): string {
  const dir = resolveBundle(name, shipped);
  if (isWithin(dir, shipped)) return dir;
  throw new Error(t('no bundle ‘{0}’ is shipped; write ./{0} for a folder in the workspace', name));
}

/** Names of the shipped bundles. */
export async function shippedBundles(dir: string): Promise<string[]> {
  const names = await readdir(dir).catch(() => []);
  return names.filter((name) => existsSync(join(dir, name, 'bundle.json'))).sort();
}

/** Held-out loss (nats a token) that a bundle's card states; null when it states none. */
export async function cardLoss(dir: string): Promise<number | null> {
  try {
    const card: unknown = JSON.parse(await readFile(join(dir, 'card.json'), 'utf8'));
    const result = v.safeParse(CardSchema, card);
    return result.success ? result.output.natsPerToken.heldOutOrdinary : null;
  } catch {
    return null;
  }
}
