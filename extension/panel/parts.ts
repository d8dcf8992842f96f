/** The parts of the extension that the panel draws on. */
import type { Said } from '../toast';
import type { InterventionStore } from '../interventions/store';
import type { NodeLabels } from '../labels/labels';
import type { Log, Models } from '../model/models';
import type { NodeNotes } from '../notes/store';
import type { NodeMeanings } from '../nodes/meaning';
import type { Documents } from '../trace/documents';
import type { Traces } from '../trace/traces';
import type { CircuitSource } from './source';

export interface SessionParts {
  readonly models: Models;
  readonly documents: Documents;
  readonly traces: Traces;
  readonly store: InterventionStore;
  readonly source: CircuitSource;
  readonly labels: NodeLabels;
  readonly notes: NodeNotes;
  readonly meanings: NodeMeanings;
  readonly log: Log & Said['log'];
}
