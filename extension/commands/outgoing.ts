/** The part of the ablations that is saved or shared: what is on, of the model in use, at tokens that are there. */
import * as vscode from 'vscode';
import { anchorOf, type ModelId, type SetState } from '../interventions/entry';
import { counted } from '../text/counted';
import type { Needs } from './command';

interface Outgoing extends SetState {
  readonly model: ModelId;
  /** What stays behind, as a sentence that begins with a blank; empty when nothing does. */
  readonly left: string;
}

/**
 * What goes out, its tokens as they are in the documents by now.
 * @param doing for the error: saving, sharing
 * @throws one line when there is nothing
 */
export async function outgoing(
  { store, documents, models }: Needs<'store' | 'documents' | 'models'>,
  doing: string,
): Promise<Outgoing> {
  if (store.count === 0) throw new Error(`nothing is ablated; ablate a node before ${doing}`);
  const { name, hash } = await models.info();
  const uris = new Set(store.state.entries.map((entry) => anchorOf(entry)?.uri));
  const open = vscode.workspace.textDocuments.filter(({ uri }) => uris.has(uri.toString()));
  // Reading a document brings its anchors up to date.
  await Promise.all(open.map((document) => documents.snapshot(document)));
  const on = store.state.entries.filter((entry) => entry.on);
  const own = on.filter((entry) => entry.model.hash === hash);
  const entries = own.filter((entry) => anchorOf(entry)?.lost !== true);
  const left = [
    leftOut(on.length - own.length, 'of another model'),
    leftOut(own.length - entries.length, 'at a token that the text no longer has'),
  ];
  if (entries.length === 0) throw new Error(`nothing can go along:${left.join('')}`);
  return { name: store.state.name, entries, model: { name, hash }, left: left.join('') };
}

function leftOut(count: number, why: string): string {
  return count === 0 ? '' : ` ${counted(count, 'ablation')} ${why} stayed out.`;
}
