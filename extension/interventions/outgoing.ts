/** The part of the ablations that is saved or shared: what is on, of the model in use, at tokens that are there. */
import { plural, t } from '../../shared/l10n';
import * as vscode from 'vscode';
import type { Models } from '../model/models';
import type { Documents } from '../trace/documents';
import { anchorOf, type ModelId, type SetState } from './entry';
import type { InterventionStore } from './store';

/** What knows of the ablations, and of the tokens that they are bound to. */
interface OutgoingParts {
  readonly store: InterventionStore;
  readonly documents: Documents;
  readonly models: Models;
}

interface Outgoing extends SetState {
  readonly model: ModelId;
  /** What stays behind, as a sentence that begins with a blank; empty when nothing does. */
  readonly left: string;
}

/**
 * What goes out, its tokens as they are in the documents by now.
 * @throws one line when there is nothing
 */
export async function outgoing({ store, documents, models }: OutgoingParts): Promise<Outgoing> {
  if (store.count === 0) throw new Error(t('nothing is ablated; ablate a node first'));
  const { name, hash } = await models.info();
  const uris = new Set(store.state.entries.map((entry) => anchorOf(entry)?.uri));
  const open = vscode.workspace.textDocuments.filter(({ uri }) => uris.has(uri.toString()));
  // Reading a document brings its anchors up to date.
  await Promise.all(open.map((document) => documents.snapshot(document)));
  const on = store.state.entries.filter((entry) => entry.on);
  const own = on.filter((entry) => entry.model.hash === hash);
  const entries = own.filter((entry) => anchorOf(entry)?.lost !== true);
  const [others, lost] = [on.length - own.length, own.length - entries.length];
  const ofOthers = plural(
    others,
    '{0} ablation of another model was left out.',
    '{0} ablations of another model were left out.',
  );
  const atLost = plural(
    lost,
    '{0} ablation at a token no longer in the text was left out.',
    '{0} ablations at tokens no longer in the text were left out.',
  );
  const left = [others > 0 ? ` ${ofOthers}` : '', lost > 0 ? ` ${atLost}` : ''];
  if (entries.length === 0)
    throw new Error(t('nothing can be included: {0}', left.join('').trim()));
  return { name: store.state.name, entries, model: { name, hash }, left: left.join('') };
}
