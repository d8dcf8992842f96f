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
  colored: string | null;
  pinned: boolean;
}

/** Before anything was heard. */
export function emptyModel(): Model {
  return {
    ...{ empty: { text: 'Waiting for the extension…', busy: true }, ...NOTHING },
    ...{ colored: null, pinned: false },
    ablations: { name: '', entries: [], canUndo: false, canRedo: false },
  };
}

const NOTHING = {
  ...{ subject: null, prediction: null, circuit: null, card: null, attention: null },
  ...{ match: null, isolation: null, progress: null, problem: null },
} as const;

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

/** Ablations that act in the document, by node; where two meet, the later one. */
export function ablatedNodes({ entries }: Ablations): Map<string, Kind> {
  return new Map([...acting(entries)].map(([node, { kind }]) => [node, kind ?? { kind: 'mean' }]));
}

/** What is done to a node at present; null when nothing is. */
export function changeOf(
  { entries }: Ablations,
  node: string,
): { kind: Kind; place: Place | null } | null {
  const entry = acting(entries).get(node);
  return entry?.kind ? { kind: entry.kind, place: entry.place } : null;
}

function acting(entries: readonly Entry[]): Map<string, Entry> {
  const on = entries.filter((entry) => entry.on && entry.acts);
  return new Map(on.flatMap((entry) => entry.nodes.map((node) => [node, entry])));
}

/** The node of a graph's id. */
export function nodeOf(circuit: Circuit | null, id: string): GraphNode | undefined {
  return circuit?.nodes.find((node) => node.id === id);
}
