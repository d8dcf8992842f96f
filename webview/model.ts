/** What the panel knows of its subject. */
import type {
  Ablations,
  Attention,
  Card,
  Circuit,
  Entry,
  GraphNode,
  Isolation,
  Kind,
  Match,
  Place,
  Prediction,
  Subject,
  ToPanel,
} from './protocol';

export interface Model {
  /** Why there is nothing to show; null when there is something. */
  empty: { readonly text: string; readonly busy: boolean } | null;
  subject: Subject | null;
  prediction: Prediction | null;
  circuit: Circuit | null;
  card: Card | null;
  attention: Attention | null;
  match: Match | null;
  isolation: Isolation | null;
  progress: { readonly what: string; readonly done: number; readonly total: number } | null;
  problem: string | null;
  ablations: Ablations;
  /** What the ablations do. */
  changes: Changes;
  colored: string | null;
  /** Labels that people gave to nodes. */
  labels: ReadonlyMap<string, string>;
  pinned: boolean;
}

/** Before anything was heard. */
export function emptyModel(): Model {
  return {
    ...{ empty: { text: 'Waiting for the extension…', busy: true }, ...NOTHING },
    ...{ colored: null, pinned: false, labels: new Map<string, string>() },
    ablations: { name: '', entries: [], canUndo: false, canRedo: false },
    changes: () => null,
  };
}

const NOTHING = {
  ...{ subject: null, prediction: null, circuit: null, card: null, attention: null },
  ...{ match: null, isolation: null, progress: null, problem: null },
} as const;

/** Whether a message says only what is known: these are sent again with every subject. */
export function repeats(model: Model, message: ToPanel): boolean {
  switch (message.type) {
    case 'ablations':
      return JSON.stringify(message.ablations) === JSON.stringify(model.ablations);
    case 'labels':
      return JSON.stringify(Object.entries(message.labels)) === JSON.stringify([...model.labels]);
    default:
      return false;
  }
}

/** Takes in a message that is not stale. */
export function take(model: Model, message: ToPanel): void {
  switch (message.type) {
    case 'empty':
      Object.assign(model, NOTHING);
      model.empty = { text: message.text, busy: message.busy };
      return;
    case 'subject':
      // What was shown of the node and the head stays in sight until it is answered anew.
      Object.assign(model, { ...NOTHING, empty: null, subject: message.subject });
      return;
    case 'prediction':
      model.prediction = message.prediction;
      // It was measured with other ablations on.
      model.isolation = null;
      return;
    case 'now':
      if (!model.circuit) return;
      model.circuit = {
        ...model.circuit,
        nodes: model.circuit.nodes.map((node) => ({
          ...node,
          now: message.now[node.id] ?? node.activation,
        })),
      };
      return;
    case 'circuit':
      model.circuit = message.circuit;
      return;
    case 'card':
      model.card = message.card;
      return;
    case 'attention':
      model.attention = message.attention;
      return;
    case 'match':
      model.match = message.match;
      return;
    case 'isolation':
      model.isolation = message.isolation;
      return;
    case 'ablations':
      model.ablations = message.ablations;
      model.changes = changesOf(message.ablations);
      return;
    case 'labels':
      model.labels = new Map(Object.entries(message.labels));
      return;
    case 'colored':
      model.colored = message.node;
      return;
    case 'pinned':
      model.pinned = message.place !== null;
      return;
    case 'progress':
      model.progress = message.done < message.total ? message : null;
      return;
    case 'problem':
      model.problem = message.text;
      model.progress = null;
  }
}

/** What is done to a node at a token; null for nothing. No kind: activations of another text. */
export type Changes = (at: {
  readonly node: string | null;
  readonly token: number;
}) => { readonly kind: Kind | null; readonly place: Place } | null;

/** What the ablations that act in the document do; where several do something, the last. */
export function changesOf({ entries }: Ablations): Changes {
  const byNode = new Map<string, Entry[]>();
  for (const entry of entries.filter(({ on, acts }) => on && acts)) {
    for (const node of entry.nodes) {
      const own = byNode.get(node);
      if (own) own.push(entry);
      else byNode.set(node, [entry]);
    }
  }
  return ({ node, token }) => {
    const entry = byNode.get(node ?? '')?.findLast((one) => reaches(one, token));
    return entry ? { kind: entry.kind, place: entry.place } : null;
  };
}

function reaches({ place, token: own }: Entry, token: number): boolean {
  if (place === 'all' || own === null) return true;
  return place === 'at' ? token === own : token >= own;
}

/** The node of a graph's id. */
export function nodeOf(circuit: Circuit | null, id: string): GraphNode | undefined {
  return circuit?.nodes.find((node) => node.id === id);
}
