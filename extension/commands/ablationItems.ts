/** What the tree of ablations does with one of them. */
import { t } from '../../shared/l10n';
import * as v from 'valibot';
import * as vscode from 'vscode';
import { anchorAt } from '../trace/anchor';
import { targetOf, tokenOf, type Command, type Needs } from './command';
import type { InterventionStore } from '../interventions/store';
import { offerUndo } from './offerUndo';

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const ItemSchema = v.object({ kind: v.literal('ablation'), index: count });

/** Takes one ablation away. */
export const removeAblation: Command = {
  id: 'circuitscope.removeAblation',
  async run({ store }: Needs<'store'>, argument) {
    const index = indexOf(store, argument);
    store.remove(index);
    await offerUndo(store, t('Removed the ablation.'));
  },
};

/** Binds an ablation to the token at the cursor: one that lost its own, for instance. */
export const placeAblation: Command = {
  id: 'circuitscope.placeAblation',
  async run({ store, work }: Needs<'store' | 'work'>, argument) {
    const index = indexOf(store, argument);
    const { at } = await tokenOf({ work }, targetOf(undefined));
    const entry = store.state.entries[index];
    if (entry.model.hash !== at.snapshot.info.hash) {
      throw new Error(
        t('the ablation is for another model, {0}; choose that model first', entry.model.name),
      );
    }
    store.place(index, anchorAt(at.snapshot, at.token));
    vscode.window.setStatusBarMessage(
      `Circuitscope: ${t('the ablation is now at this token')}`,
      5000,
    );
  },
};

/** @throws when the list has changed since */
function indexOf(store: InterventionStore, argument: unknown): number {
  const item = v.safeParse(ItemSchema, argument);
  if (item.success && item.output.index < store.state.entries.length) return item.output.index;
  throw new Error(t('choose an ablation in the side bar first'));
}
