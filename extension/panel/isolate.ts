/** Runs the four questions of an isolation. */
import type { Isolation, Kind, Place, Vertex } from '../../webview/protocol';
import { kindText } from '../interventions/describe';
import { withChange } from '../interventions/edit';
import { activeIn, type SetState } from '../interventions/entry';
import type { Snapshot } from '../trace/documents';
import { withRandom, isolations } from './isolation';
import { idText } from './nodeText';
import { byToken, placed, positionsText, unique, type PlacedNodes } from './positions';
import type { SessionParts } from './parts';
import { valueOf, type Current } from './subject';

/** What is asked. */
export interface IsolationRequest {
  readonly vertices: readonly Vertex[];
  readonly kind: Kind;
  readonly place: Place;
}

/** The outcomes, on top of the ablations of other nodes that are on: four passes of the model. */
export async function isolate(
  parts: SessionParts,
  { question, target }: Current,
  { vertices, kind, place }: IsolationRequest,
  signal: AbortSignal,
): Promise<Isolation> {
  const { traces, store } = parts;
  const { snapshot, reader } = question;
  const { config } = snapshot.info;
  const on = activeIn(without(store.state, vertices, snapshot), snapshot);
  // Random nodes are drawn from those that are active where the others are.
  const sets = await Promise.all(
    groups(vertices, place, reader).map(async ({ nodes, positions, token }) => {
      const trace = await traces.trace({ snapshot, token, interventions: on }, signal);
      return { ...withRandom(nodes, trace, config), positions };
    }),
  );
  const four = isolations(sets, config, kind);
  const outcome = async (more: (typeof four)['just']) => {
    const at = { snapshot, token: reader, interventions: [...on, ...more] };
    const { logprobs } = await traces.trace(at, signal);
    return { share: Math.exp(logprobs[target.id]), logprob: valueOf(target, logprobs) };
  };
  return {
    size: sets.reduce((sum, { own }) => sum + own.length, 0),
    kind: kindText({ kind }),
    place: positionsText(place, byToken(vertices).size),
    target: idText(snapshot, target.id),
    model: await outcome([]),
    allBut: await outcome(four.allBut),
    allButRandom: await outcome(four.allButRandom),
    just: await outcome(four.just),
    justRandom: await outcome(four.justRandom),
  };
}

/** The set without what it does to some nodes. */
function without(state: SetState, vertices: readonly Vertex[], snapshot: Snapshot): SetState {
  return placed(vertices, 'at').reduce(
    (left, change) => withChange(left, { ...change, kind: null, snapshot }),
    state,
  );
}

/** Nodes with their positions, and a token at which they are looked at. */
function groups(
  vertices: readonly Vertex[],
  place: Place,
  reader: number,
): (PlacedNodes & { readonly token: number })[] {
  const nodes = unique(vertices);
  const [first] = byToken(vertices).keys();
  switch (place) {
    case 'all':
      return [{ nodes, positions: 'all', token: reader }];
    case 'from':
      // What is kept from one token on could not be ablated from another on.
      return [{ nodes, positions: { from: first }, token: first }];
    case 'at':
      return [...byToken(vertices)].map(([token, own]) => ({
        ...{ nodes: unique(own), positions: { at: token }, token },
      }));
  }
}
