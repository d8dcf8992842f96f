/** Runs the four questions of an isolation. */
import type { Isolation, Kind, Place } from '../../webview/protocol';
import { kindText, fitting } from '../interventions/describe';
import { withRandom, isolations } from './isolation';
import { idText } from './nodeText';
import { positionsOf, positionsText } from './positions';
import type { Current, SessionParts } from './session';

/** What is asked. */
export interface IsolationRequest {
  readonly nodes: readonly string[];
  readonly kind: Kind;
  readonly place: Place;
}

/** The outcomes, on top of the ablations that are on: four passes of the model. */
export async function isolate(
  { traces, store }: SessionParts,
  { question, target }: Current,
  { nodes, kind, place }: IsolationRequest,
  signal: AbortSignal,
): Promise<Isolation> {
  const { snapshot, reader } = question;
  const { config } = snapshot.info;
  const on = fitting(store.active(snapshot.uri), config);
  const at = { snapshot, token: reader };
  const model = await traces.trace({ ...at, interventions: on }, signal);
  const sets = withRandom(nodes, model, config);
  const four = isolations(sets, config, kind, positionsOf(place, reader));
  const outcome = async (more: (typeof four)['just']) => {
    const { logprobs } = await traces.trace({ ...at, interventions: [...on, ...more] }, signal);
    return { share: Math.exp(logprobs[target]), logprob: logprobs[target] };
  };
  return {
    size: sets.own.length,
    kind: kindText({ nodes: sets.own as string[], positions: 'all', kind }),
    place: positionsText(place),
    target: idText(snapshot, target),
    model: await outcome([]),
    allBut: await outcome(four.allBut),
    allButRandom: await outcome(four.allButRandom),
    just: await outcome(four.just),
    justRandom: await outcome(four.justRandom),
  };
}
