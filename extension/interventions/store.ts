/** The interventions of a workspace: one named set, each part of it on or off, with undo. */
import * as v from 'valibot';
import { parseInterventionSet, type Intervention } from '../../models/runtime/interventions';
import { oneLine } from '../../models/runtime/oneLine';
import { Emitter } from '../emitter';

/** One intervention of the set. */
export interface Entry {
  readonly intervention: Intervention;
  readonly on: boolean;
  /** Document that its token positions are about; null for every document. */
  readonly uri: string | null;
}

/** The set as it is at one time. */
export interface SetState {
  readonly name: string;
  readonly entries: readonly Entry[];
}

/** Where the set outlives the window; the editor's workspace state has this shape. */
export interface Memory {
  get(key: string): unknown;
  update(key: string, value: unknown): PromiseLike<void>;
}

const KEY = 'interventions';
const EMPTY: SetState = { name: 'My interventions', entries: [] };
const UNDO_STEPS = 100;

const StateSchema = v.object({
  name: v.string(),
  entries: v.array(
    v.object({ intervention: v.unknown(), on: v.boolean(), uri: v.nullable(v.string()) }),
  ),
});

export class InterventionStore {
  readonly changed = new Emitter();
  private current: SetState;
  private readonly past: SetState[] = [];
  private readonly future: SetState[] = [];

  /** @param onLost hears one line when what was remembered cannot be read */
  constructor(
    private readonly memory: Memory,
    onLost: (message: string) => void,
  ) {
    this.current = remembered(memory, onLost);
  }

  get state(): SetState {
    return this.current;
  }

  /** Number of interventions that are on. */
  get count(): number {
    return this.current.entries.filter(({ on }) => on).length;
  }

  get canUndo(): boolean {
    return this.past.length > 0;
  }

  get canRedo(): boolean {
    return this.future.length > 0;
  }

  /** The interventions in force in a document, in their order. */
  active(uri: string): Intervention[] {
    return activeIn(this.current, uri);
  }

  /** Adds an intervention, on; one of the same nodes and positions gives way to it. */
  add(intervention: Intervention, uri: string | null): void {
    const same = (entry: Entry) =>
      entry.uri === uri &&
      JSON.stringify([entry.intervention.nodes, entry.intervention.positions]) ===
        JSON.stringify([intervention.nodes, intervention.positions]);
    const others = this.current.entries.filter((entry) => !same(entry));
    this.change({ ...this.current, entries: [...others, { intervention, on: true, uri }] });
  }

  /** Switches each entry on or off, [entry]. */
  switch(on: readonly boolean[]): void {
    const entries = this.current.entries.map((entry, i) => ({ ...entry, on: on[i] ?? entry.on }));
    this.change({ ...this.current, entries });
  }

  remove(index: number): void {
    const entries = this.current.entries.filter((_, i) => i !== index);
    this.change({ ...this.current, entries });
  }

  clear(): void {
    if (this.current.entries.length > 0) this.change(EMPTY);
  }

  /** Takes a set in the place of the present one. */
  replace(state: SetState): void {
    this.change(state);
  }

  rename(name: string): void {
    this.change({ ...this.current, name });
  }

  /** @returns whether there was something to undo */
  undo(): boolean {
    return this.step(this.past, this.future);
  }

  /** @returns whether there was something to redo */
  redo(): boolean {
    return this.step(this.future, this.past);
  }

  /**
   * Moves the positions of a document's interventions with its tokens. No step of its own to undo.
   * @param follow where a token is now, undefined when it is gone
   */
  follow(uri: string, follow: (token: number) => number | undefined): void {
    let moved = false;
    const entries = this.current.entries.flatMap((entry) => {
      if (entry.uri !== uri) return [entry];
      const intervention = followed(entry.intervention, follow);
      if (intervention === entry.intervention) return [entry];
      moved = true;
      return intervention ? [{ ...entry, intervention }] : [];
    });
    if (moved) this.become({ ...this.current, entries });
  }

  private change(state: SetState): void {
    this.past.push(this.current);
    if (this.past.length > UNDO_STEPS) this.past.shift();
    this.future.length = 0;
    this.become(state);
  }

  private step(from: SetState[], to: SetState[]): boolean {
    const state = from.pop();
    if (!state) return false;
    to.push(this.current);
    this.become(state);
    return true;
  }

  private become(state: SetState): void {
    this.current = state;
    void this.memory.update(KEY, state);
    this.changed.fire();
  }
}

/** The interventions of a set that are in force in a document, in their order. */
export function activeIn({ entries }: SetState, uri: string): Intervention[] {
  return entries
    .filter((entry) => entry.on && (entry.uri === null || entry.uri === uri))
    .map(({ intervention }) => intervention);
}

/** The intervention with its token moved; itself when nothing moves, null when its token is gone. */
function followed(
  intervention: Intervention,
  follow: (token: number) => number | undefined,
): Intervention | null {
  const { positions } = intervention;
  if (positions === 'all') return intervention;
  const token = 'at' in positions ? positions.at : positions.from;
  const now = follow(token);
  if (now === token) return intervention;
  if (now === undefined) return null;
  return { ...intervention, positions: 'at' in positions ? { at: now } : { from: now } };
}

function remembered(memory: Memory, onLost: (message: string) => void): SetState {
  const data = memory.get(KEY);
  if (data === undefined) return EMPTY;
  try {
    const { name, entries } = v.parse(StateSchema, data);
    return {
      name,
      entries: entries.map(({ intervention, on, uri }) => {
        const set = parseInterventionSet({ name, interventions: [intervention] }, 'memory');
        return { intervention: set.interventions[0], on, uri };
      }),
    };
  } catch (error) {
    onLost(`the remembered interventions cannot be read (${oneLine(error)}); the set is empty now`);
    return EMPTY;
  }
}
