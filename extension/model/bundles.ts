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

/** What the editor reads of a model card. */
const LossSchema = v.object({ natsPerToken: v.object({ heldOutOrdinary: v.number() }) });
const BridgedSchema = v.object({ bridges: v.object({ dense: v.string() }) });

/** What a model card states; null for what it does not. */
export interface CardFacts {
  /** Held-out loss (nats a token). */
  readonly loss: number | null;
  /** Name of the dense model that the bundle is bridged to. */
  readonly bridgedTo: string | null;
}

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

/** What a bundle's card states; nothing where there is none that can be read. */
export async function cardFacts(dir: string): Promise<CardFacts> {
  const card = await readFile(join(dir, 'card.json'), 'utf8')
    .then((text): unknown => JSON.parse(text))
    .catch(() => null);
  const loss = v.safeParse(LossSchema, card);
  const bridged = v.safeParse(BridgedSchema, card);
  return {
    loss: loss.success ? loss.output.natsPerToken.heldOutOrdinary : null,
    bridgedTo: bridged.success ? bridged.output.bridges.dense : null,
  };
}
