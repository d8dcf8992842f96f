/** The interventions of a workspace: one named set, each part of it on or off, with undo. */
import { t } from '../../shared/l10n';
import * as v from 'valibot';
import { parseInterventionSet, type Intervention } from '../../models/inference/interventions';
import { oneLine } from '../../models/oneLine';
import { Emitter } from '../emitter';
import type { Anchor } from '../trace/anchor';
import type { Snapshot } from '../trace/documents';
import {
  activeIn,
  entryOf,
  ModelSchema,
  positionsIn,
  WhereSchema,
  whatIn,
  whatKey,
  withAnchors,
  type Entry,
  type SetState,
} from './entry';

/** Where the set outlives the window; the editor's workspace state has this shape. */
export interface Memory {
  get(key: string): unknown;
  update(key: string, value: unknown): PromiseLike<void>;
}

const KEY = 'interventions';
const EMPTY: SetState = { name: t('My ablations'), entries: [] };
const UNDO_STEPS = 100;

const StateSchema = v.object({
  name: v.string(),
  entries: v.array(
    v.object({
      ...{ nodes: v.unknown(), into: v.optional(v.unknown()), kind: v.unknown() },
      ...{ where: WhereSchema, model: ModelSchema, on: v.boolean() },
    }),
  ),
});

export class InterventionStore {
  readonly changed = new Emitter();
  private current: SetState;
  private past: SetState[] = [];
  private future: SetState[] = [];
  private steps = 0;
  /** Why ablations that their model cannot take do nothing, by what they are done to. */
  private readonly excluded = new Map<string, string>();

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

  /** Rises with every change that a person makes, and tells whether there was another since. */
  get revision(): number {
    return this.steps;
  }

  /** The interventions in force in a document, in their order. */
  active(snapshot: Snapshot): Intervention[] {
    const entries = this.current.entries.filter((entry) => this.whyOut(entry) === null);
    return activeIn({ ...this.current, entries }, snapshot);
  }

  /** Puts ablations out of force that name what their model does not have; they stay in the set. */
  exclude(reasons: ReadonlyMap<string, string>): void {
    for (const [what, reason] of reasons) this.excluded.set(what, reason);
    this.changed.fire();
  }

  /** Why an entry is out of force whatever its switch says; null when it is not. */
  whyOut(entry: Entry): string | null {
    return this.excluded.size === 0 ? null : (this.excluded.get(whatKey(entry)) ?? null);
  }

  /** Adds an intervention, on; one of the same nodes and positions gives way to it. */
  add(intervention: Intervention, snapshot: Snapshot): void {
    const key = (
      { nodes, into }: Pick<Intervention, 'nodes' | 'into'>,
      positions: Intervention['positions'] | null,
    ) => JSON.stringify([nodes, into, positions]);
    const own = key(intervention, intervention.positions);
    const others = this.current.entries.filter(
      (entry) => key(entry, positionsIn(entry, snapshot)) !== own,
    );
    const entries = [...others, entryOf(intervention, snapshot)];
    this.change({ ...this.current, entries });
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
   * Changes the anchors of what is in force and of every step that can be undone or made again, as an
   * edit of their documents moves them. No step of its own.
   */
  follow(move: (anchor: Anchor) => Anchor): void {
    const moved = (state: SetState) => withAnchors(state, move);
    this.past = this.past.map(moved);
    this.future = this.future.map(moved);
    const now = moved(this.current);
    if (now !== this.current) this.become(now);
  }

  /** Puts an intervention that lost its token, or any other bound to one, at another token. */
  place(index: number, anchor: Anchor): void {
    const entries = this.current.entries.map((entry, i) =>
      i === index && entry.where !== 'all'
        ? { ...entry, where: 'at' in entry.where ? { at: anchor } : { from: anchor } }
        : entry,
    );
    this.change({ ...this.current, entries });
  }

  private change(state: SetState): void {
    this.past.push(this.current);
    if (this.past.length > UNDO_STEPS) this.past.shift();
    this.future = [];
    this.steps++;
    this.become(state);
  }

  private step(from: SetState[], to: SetState[]): boolean {
    const state = from.pop();
    if (!state) return false;
    to.push(this.current);
    this.steps++;
    this.become(state);
    return true;
  }

  private become(state: SetState): void {
    this.current = state;
    void this.memory.update(KEY, state);
    this.changed.fire();
  }
}

function remembered(memory: Memory, onLost: (message: string) => void): SetState {
  const data = memory.get(KEY);
  if (data === undefined) return EMPTY;
  try {
    const { name, entries } = v.parse(StateSchema, data);
    return {
      name,
      entries: entries.map(({ nodes, into, kind, ...rest }): Entry => {
        const what = { nodes, kind, ...(into !== undefined && { into }) };
        const data = { name, interventions: [{ ...what, positions: 'all' }] };
        return { ...whatIn(parseInterventionSet(data, 'memory').interventions[0]), ...rest };
      }),
    };
  } catch (error) {
    onLost(`the remembered interventions cannot be read (${oneLine(error)}); the set is empty now`);
    return EMPTY;
  }
}
