/** The circuit that a command is about: one that a link or a list names, the one shown, or one chosen. */
import * as v from 'valibot';
import { idOf, ORIGIN_NAMES, type KnownCircuit } from '../circuits/known';
import { circuitNamed, isNamed, pickCircuit } from '../circuits/show';
import type { Needs } from './command';

const NamedSchema = v.object({
  circuit: v.string(),
  origin: v.optional(v.picklist(ORIGIN_NAMES)),
  /** Hash of its model. */
  model: v.optional(v.string()),
});

/**
 * @param title of the list to choose from, when nothing else says which
 * @param shown whether the one that is shown is meant when none is named
 * @throws one line when it cannot be read or is of another model
 */
export async function circuitOf(
  parts: Needs<'models' | 'circuits'>,
  argument: unknown,
  title: string,
  shown: boolean,
): Promise<KnownCircuit | undefined> {
  const named = v.safeParse(NamedSchema, argument);
  if (named.success) {
    const { circuit: name, origin, model } = named.output;
    const { shown } = parts.circuits;
    const asked = { name, origin, model };
    return shown && isNamed(asked, idOf(shown)) ? shown : await circuitNamed(parts, asked);
  }
  return (shown ? parts.circuits.shown : null) ?? (await pickCircuit(parts, title));
}
