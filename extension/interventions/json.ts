/** Intervention sets as JSON: what `circuitscope trace --interventions` reads as well. */
import { parseInterventionSet } from '../../models/runtime/interventions';
import type { SetState } from './store';

/** JSON of the set's interventions that are on. */
export function setToJson({ name, entries }: SetState): string {
  const interventions = entries.filter(({ on }) => on).map(({ intervention }) => intervention);
  return `${JSON.stringify({ name, interventions }, null, 2)}\n`;
}

/**
 * A set from JSON, all of it on.
 * @param where what the error message calls the source
 * @param uri document that token positions in it are taken to be about
 * @throws one line that says what is wrong
 */
export function setFromJson(json: string, where: string, uri: string | null): SetState {
  const { name, interventions } = parseInterventionSet(parsed(json, where), where);
  const entries = interventions.map((intervention) => ({
    ...{ intervention, on: true, uri: intervention.positions === 'all' ? null : uri },
  }));
  return { name, entries };
}

/** File systems take names of 255 bytes. */
const LONGEST_NAME = 100;

/** A file name for a set's name. */
export function fileName(name: string): string {
  const plain = name
    .normalize('NFKD')
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .slice(0, LONGEST_NAME)
    .replace(/^[-.]+|[-.]+$/g, '');
  return `${plain || 'interventions'}.json`;
}

function parsed(json: string, where: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw new Error(`${where} is not JSON; correct it or choose another`);
  }
}
