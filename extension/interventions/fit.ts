/** Ablations that name what their own model does not have: kept, out of force, and said as soon as it is in use. */
import { plural } from '../../shared/l10n';
import { checkNodes } from '../../models/runtime/checkInterventions';
import type { BundleInfo } from '../../models/inference/engine';
import { oneLine } from '../../models/oneLine';
import { ModelLost } from '../../models/runtime/modelThread';
import { isAbort } from '../cancel';
import { ModelUnavailable, type Models } from '../model/models';
import { whatIn, whatKey, type Entry } from './entry';
import type { InterventionStore } from './store';

export class Fit {
  private readonly checked = new Set<string>();

  /** @param onUnfit hears one line on what was found */
  constructor(
    private readonly store: InterventionStore,
    private readonly models: Models,
    private readonly onUnfit: (message: string) => void,
  ) {}

  /** Looks at ablations that are new to the model in use; others of the set act as before. */
  async check(): Promise<void> {
    const { state } = this.models;
    if (state.kind !== 'ready') return;
    const { info } = state;
    const fresh = this.store.state.entries.filter(
      (entry) => entry.model.hash === info.hash && !this.checked.has(whatKey(entry)),
    );
    for (const entry of fresh) this.checked.add(whatKey(entry));
    const reasons = new Map<string, string>();
    for (const entry of fresh) {
      const reason = await this.lackOf(entry, info);
      if (reason !== null) reasons.set(whatKey(entry), reason);
    }
    const [first] = reasons.values();
    if (first === undefined) return;
    this.store.exclude(reasons);
    this.onUnfit(
      plural(
        reasons.size,
        '{0} ablation names something its model does not have; it is kept but inactive, the others apply. {1}',
        '{0} ablations name something their model does not have; they are kept but inactive, the others apply. {1}',
        first,
      ),
    );
  }

  /** What a model does not have of an ablation, in one line; null when it has all. */
  private async lackOf(entry: Entry, info: BundleInfo): Promise<string | null> {
    const what = whatIn(entry);
    try {
      checkNodes([what], info.config);
      if (entry.into !== undefined) {
        await this.models.useModel('interventions', info, (runtime) =>
          runtime.checkInterventions([what], info.name),
        );
      }
      return null;
    } catch (error) {
      const isGone = error instanceof ModelLost || error instanceof ModelUnavailable;
      if (!isAbort(error) && !isGone) return oneLine(error);
      // The model went before it could be asked: the next one is asked again.
      this.checked.delete(whatKey(entry));
      return null;
    }
  }
}
