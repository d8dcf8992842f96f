/** What the panel was told of its subject. */
import { t } from '../shared/l10n';
import type {
  Ablations,
  Circuit,
  Entry,
  GraphNode,
  Kind,
  Part,
  Place,
  Prediction,
  Story,
  Subject,
  Told,
  Way,
} from './protocol';
import { NO_MARKS, type Marks } from './supernodes';

export interface Model {
  /** Number of the subject that is shown; -1 before the first. */
  seq: number;
  /** Why there is nothing to show; null when there is something. */
  empty: {
    readonly text: string;
    readonly busy: boolean;
    readonly ways: readonly Way[];
  } | null;
  subject: Subject | null;
  prediction: Prediction | null;
  circuit: Circuit | null;
  /** Why the model expects the token; null while it is not known. */
  story: Story | null;
  progress: { readonly what: string; readonly done: number; readonly total: number } | null;
  /** What could not be worked out, in one line each. */
  problems: Readonly<Partial<Record<Part, string | undefined>>>;
  ablations: Ablations;
  /** What the ablations do. */
  changes: Changes;
  colored: string | null;
  /** What nodes read or raise most, by name. */
  meanings: ReadonlyMap<string, string>;
  /** Labels that people gave to nodes. */
  labels: ReadonlyMap<string, string>;
  pinned: 'no' | 'yes' | 'lost';
  /** Groups, pins and notes of the subject's nodes. */
  marks: Marks;
}

/** Before anything was heard. */
export function emptyModel(): Model {
  return {
    ...{
      seq: -1,
      empty: { text: t('Waiting for the extension…'), busy: true, ways: [] },
      ...NOTHING,
    },
    ...{ colored: null, pinned: 'no' as const, labels: new Map<string, string>() },
    ablations: { name: '', entries: [], canUndo: false, canRedo: false },
    changes: () => null,
  };
}

const NOTHING = {
  ...{ subject: null, prediction: null, circuit: null, story: null, progress: null, problems: {} },
  meanings: new Map<string, string>(),
  marks: NO_MARKS,
} as const;

/**
 * Takes in what was told.
 * @returns whether it was taken: what is about an older subject, and what is known, is not
 */
export function take(model: Model, message: Told): boolean {
  if (!isNews(model, message)) return false;
  if ('seq' in message) model.seq = message.seq;
  switch (message.type) {
    case 'empty':
      Object.assign(model, NOTHING);
      model.empty = { text: message.text, busy: message.busy, ways: message.ways };
      return true;
    case 'subject':
      Object.assign(model, { ...NOTHING, empty: null, subject: message.subject });
      return true;
    case 'prediction':
      model.prediction = message.prediction;
      model.problems = { ...model.problems, prediction: undefined };
      return true;
    case 'now':
      if (model.circuit) model.circuit = withNow(model.circuit, message.now);
      model.problems = { ...model.problems, now: undefined };
      return true;
    case 'circuit':
      model.circuit = message.circuit;
      model.problems = { ...model.problems, circuit: undefined };
      return true;
    case 'story':
      model.story = message.story;
      model.problems = { ...model.problems, story: undefined };
      return true;
    case 'meanings':
      model.meanings = new Map(Object.entries(message.meanings));
      return true;
    case 'ablations':
      model.ablations = message.ablations;
      model.changes = changesOf(message.ablations);
      return true;
    case 'labels':
      model.labels = new Map(Object.entries(message.labels));
      return true;
    case 'notes': {
      const { groups, nodes } = message.notes;
      model.marks = { groups, nodes: new Map(nodes.map((node) => [node.id, node])) };
      return true;
    }
    case 'colored':
      model.colored = message.node;
      return true;
    case 'pinned':
      model.pinned = message.place === null ? 'no' : message.lost ? 'lost' : 'yes';
      return true;
    case 'progress':
      model.progress = message.done < message.total ? message : null;
      return true;
    case 'problem':
      model.problems = { ...model.problems, [message.part]: message.text };
      // What failed makes no progress any more; other parts may.
      if (message.part === 'circuit') model.progress = null;
      return true;
  }
}

/** Whether a message is about the subject that is shown, or opens a newer one, and is not known yet. */
function isNews(model: Model, message: Told): boolean {
  if ('seq' in message) {
    const opens = message.type === 'subject' || message.type === 'empty';
    return opens ? message.seq >= model.seq : message.seq === model.seq;
  }
  switch (message.type) {
    case 'ablations':
      return JSON.stringify(message.ablations) !== JSON.stringify(model.ablations);
    case 'labels':
      return JSON.stringify(Object.entries(message.labels)) !== JSON.stringify([...model.labels]);
    default:
      return true;
  }
}

function withNow(circuit: Circuit, now: Readonly<Record<string, number>>): Circuit {
  const nodes = circuit.nodes.map((node) => ({ ...node, now: now[node.id] ?? node.activation }));
  return { ...circuit, nodes };
}

/**
 * What is done to a node at a token, or to the weight through which another reads it; null for nothing.
 * No kind: activations of another text.
 */
export type Changes = (at: {
  readonly node: string | null;
  readonly token: number;
  /** The node that reads it; absent for the node itself. */
  readonly into?: string;
}) => { readonly kind: Kind | null; readonly place: Place } | null;

/** What the ablations that act in the document do; where several do something, the last. */
export function changesOf({ entries }: Ablations): Changes {
  const known = new Map<string, Entry[]>();
  const key = (node: string | null, into: string | null) => `${node ?? ''} ${into ?? ''}`;
  for (const entry of entries.filter(({ on, acts }) => on && acts)) {
    for (const node of entry.nodes) {
      const own = known.get(key(node, entry.into));
      if (own) own.push(entry);
      else known.set(key(node, entry.into), [entry]);
    }
  }
  return ({ node, token, into = null }) => {
    const entry = known.get(key(node, into))?.findLast((one) => reaches(one, token));
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
