/** What each request of the panel does. */
import { countAblations } from '../../shared/ablations';
import { t } from '../../shared/l10n';
import type { TransformerConfig } from '../../models/transformer/config';
import { parseNode } from '../../models/transformer/nodes';
import type { Asks, Format, Kind, Place, Tells, Vertex, What } from '../../webview/protocol';
import { REQUESTS } from '../../webview/protocol';
import { withChange } from '../interventions/edit';
import { namesOf } from '../nodes/names';
import { grouped, marked, rearranged, ungrouped } from '../notes/notes';
import { attentionView, matchView } from './attentionView';
import type { DrawnCircuit } from './drawn';
import { isolate } from './isolate';
import { lensView } from './lensView';
import { placesOf } from './notesView';
import type { SessionParts } from './parts';
import { withLine } from './otherText';
import { byToken, placed, unique } from './positions';
import { readCard } from './readCard';
import type { Session } from './session';
import { bridgeNodesView, controlsView, steeringView, STRENGTHS } from './steeringView';
import type { Current } from './subject';

/** What requests do in the editor. */
export interface Doings {
  /** Colors the file by a node, or stops it. */
  color(node: string | null): void;
  /** Moves the editor to a token. */
  reveal(current: Current, token: number): void;
  /** Does something with the circuit that is drawn. */
  drawn(
    act: 'necessary' | 'sufficient' | 'verify' | 'explain',
    circuit: DrawnCircuit,
  ): Promise<void>;
  /** Opens what leads on where there is nothing to show. */
  open(way: 'walkthrough' | 'model'): Promise<void>;
  /** Saves or copies an export. */
  export(current: Current, format: Format, content: string): Promise<void>;
}

/** The subject that a request is about, where it is about one, and its end. */
interface Context<W extends What> {
  readonly current: (typeof REQUESTS)[W]['about'] extends true ? Current : Current | null;
  readonly signal: AbortSignal;
}
type Result<T> = T extends null ? void | Promise<void> : T | Promise<T>;
/** A handler for every request. */
export type Handlers = {
  readonly [W in What]: (asks: Asks<W>, context: Context<W>) => Result<Tells<W>>;
};

/** The handlers of one panel. */
export function handlers(session: Session, parts: SessionParts, doings: Doings): Handlers {
  const { store, models, source, labels, meanings, notes } = parts;
  const noted = (vertices: readonly Vertex[], current: Current) => {
    check(vertices, current);
    const of = session.notesOf(current);
    return { of, places: placesOf(vertices, of, current.question) };
  };
  const pattern = ({ question }: Current, head: Asks<'attention'>, signal: AbortSignal) =>
    source.attention(question, head, session.interventions(question), signal);
  return {
    mode: ({ mode }) => {
      session.setMode(mode);
    },
    pin: ({ on }) => {
      session.pin(on);
    },
    measure: ({ kind }) => {
      session.setMeasured(kind);
    },
    target: ({ id, contrast }, { current }) => {
      const { vocab } = current.question.snapshot.info.config;
      for (const token of [id, contrast]) {
        if (token !== null && token >= vocab) {
          throw new Error(t('the model has no token {0}', token));
        }
      }
      session.setTarget(current, id, contrast);
    },
    compare: ({ line }, { current }) =>
      session.compare(current, line === null ? null : withLine(current.question, line)),
    compareCursor: async (_, { current }) => {
      await session.compare(current, await session.textAtCursor(current));
    },
    color: ({ node }) => {
      if (node !== null && models.state.kind === 'ready') parseNode(node, models.state.info.config);
      doings.color(node);
    },
    switch: ({ index, on }) => {
      store.switch(store.state.entries.map((entry, i) => (i === index ? on : entry.on)));
    },
    remove: ({ index }) => {
      if (index < store.state.entries.length) store.remove(index);
    },
    clear: () => {
      store.clear();
    },
    undo: () => {
      store.undo();
    },
    redo: () => {
      store.redo();
    },
    way: ({ way }) => (way === 'again' ? session.again() : doings.open(way)),
    prompt: ({ index }) => {
      session.lookAt(index);
    },
    drawn: ({ act }, { current }) => {
      if (act === 'close') session.draw(null);
      else if (current?.drawn) return doings.drawn(act, current.drawn.circuit);
    },
    card: (vertex, { current, signal }) => {
      session.tookUp(vertex.node);
      return readCard(parts, current, vertex, session.interventions(current.question), signal);
    },
    label: async ({ node, text }, { current }) => {
      const { info, uri } = current.question.snapshot;
      parseNode(node, info.config);
      await labels.set(info, node, text, uri);
    },
    group: ({ vertices, name }, { current }) => {
      const { of, places } = noted(vertices, current);
      return notes.change(of, (before) => grouped(before, places, name));
    },
    arrange: ({ group, change }, { current }) =>
      notes.change(session.notesOf(current), (before) =>
        change ? rearranged(before, group, change) : ungrouped(before, group),
      ),
    mark: ({ vertices, ...change }, { current }) => {
      const { of, places } = noted(vertices, current);
      return notes.change(of, (before) => marked(before, places, change));
    },
    reveal: ({ token }, { current }) => {
      doings.reveal(current, token);
    },
    ablate: ({ vertices, kind, place }, { current }) => {
      ablate(parts, current, vertices, kind, place);
    },
    patch: ({ vertices }, { current }) => {
      patch(parts, current, vertices);
    },
    ablateWeight: async ({ from, to, token, kind, place }, { current }) => {
      // Also where the weight is to be as it was, so that requests take effect in their order.
      await source.checkWeight(current.question, from, to);
      ablate(parts, current, [{ node: from, token }], kind, place, to);
    },
    isolate: (asks, { current, signal }) => {
      check(asks.vertices, current);
      return isolate(parts, current, asks, signal);
    },
    attention: async (head, { current, signal }) =>
      attentionView(current.question, head, await pattern(current, head, signal)),
    lens: async (_, { current: { question, target }, signal }) => {
      const interventions = session.interventions(question);
      const read = await source.lens(question, target.id, interventions, signal);
      return lensView(read, question, countAblations(interventions));
    },
    weight: async (asks, { current, signal }) => {
      const { here, everywhere, weight } = await source.weight(
        current.question,
        current.target,
        asks,
        signal,
      );
      return { here, everywhere, weight };
    },
    match: async ({ key, ...head }, { current, signal }) => {
      const { question } = current;
      const shares = await pattern(current, head, signal);
      const whole = await source.whole(question, session.interventions(question), signal);
      return matchView(question, head, key, shares, whole);
    },
    steer: async ({ node, line }, { current: { question }, signal }) => {
      const { snapshot } = question;
      parseNode(node, snapshot.info.config);
      const other = withLine(question, line);
      const curve = await source.steer(question, other, node, STRENGTHS, signal);
      return steeringView(node, curve, snapshot, await namesOf(parts, snapshot.info));
    },
    steerControls: async ({ node, line }, { current: { question }, signal }) => {
      const { snapshot } = question;
      parseNode(node, snapshot.info.config);
      const other = withLine(question, line);
      const found = await source.steerControls(question, other, node, signal);
      const names = await namesOf(parts, snapshot.info);
      return controlsView(node, found, snapshot, names);
    },
    bridgeNodes: async ({ line, measure, concept }, { current: { question }, signal }) => {
      const { snapshot } = question;
      const other = withLine(question, line);
      const found = await source.bridgeNodes(question, other, { measure, concept }, signal);
      return bridgeNodesView(found, concept, snapshot, await namesOf(parts, snapshot.info));
    },
    concepts: async (_, { current: { question } }) =>
      (await meanings.labels(question.snapshot.info)) ? source.concepts(question) : [],
    export: ({ format, content }, { current }) => doings.export(current, format, content),
  };
}

function ablate(
  { store }: SessionParts,
  current: Current,
  vertices: readonly Vertex[],
  kind: Kind | null,
  place: Place,
  into?: string,
): void {
  check(vertices, current);
  const { snapshot } = current.question;
  // What is kept is kept where it is shown.
  const changes = placed(vertices, kind ? place : 'at');
  store.replace(
    changes.reduce(
      (state, change) =>
        withChange(state, { ...change, kind, snapshot, ...(into !== undefined && { into }) }),
      store.state,
    ),
  );
}

/**
 * Puts what nodes do in the other text into this one.
 * @throws when there is no other text, or a node is not known to differ in it
 */
function patch({ store }: SessionParts, current: Current, vertices: readonly Vertex[]): void {
  check(vertices, current);
  const { circuit, other, question } = current;
  if (!other) throw new Error(t('there is no other text; compare with one first'));
  const valueAt = (node: string, token: number) => {
    const known = circuit?.nodes.find((one) => one.node === node && one.token === token);
    if (known?.other !== undefined) return known.other;
    throw new Error(t('{0} does not differ in the other text; choose a node of the graph', node));
  };
  store.replace(
    [...byToken(vertices)].reduce((state, [token, own]) => {
      const nodes = unique(own);
      const kind = { kind: 'patch', values: nodes.map((node) => valueAt(node, token)) } as const;
      return withChange(state, {
        ...{ nodes, kind, positions: { at: token }, snapshot: question.snapshot },
      });
    }, store.state),
  );
}

/** @throws when the model has no such node, or the document no such token */
function check(vertices: readonly Vertex[], { question: { snapshot } }: Current): void {
  const { config }: { config: TransformerConfig } = snapshot.info;
  const { length } = snapshot.encoding.ids;
  for (const { node, token } of vertices) {
    parseNode(node, config);
    if (token < length) continue;
    throw new Error(t('the document has no token {0}; it has {1}', token, length));
  }
}
