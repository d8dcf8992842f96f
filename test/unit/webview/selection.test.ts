import { describe, expect, it } from 'vitest';
import { changesOf, emptyModel, type Model } from '../../../webview/model';
import { readState, type Entry, type Kind, type Place } from '../../../webview/protocol';
import { selectionOf } from '../../../webview/selection';
import { channel, circuit } from './graphs';

const [A, B] = ['a', 'b'];
const entry = (nodes: string[], kind: Kind | null, place: Place = 'all'): Entry => ({
  ...{ nodes, into: null, label: '', change: '', where: '', on: true, acts: true },
  ...{ kind, place, token: place === 'all' ? null : 0 },
});

/** Two channels that are selected, with some ablations. */
function selected(...entries: Entry[]) {
  const nodes = [channel(A, 1, -1, { node: A }), channel(B, 1, 0.5, { node: B })];
  const ablations = { name: '', entries, canUndo: false, canRedo: false };
  const model: Model = {
    ...emptyModel(),
    ...{ circuit: circuit(nodes, []), ablations, changes: changesOf(ablations) },
  };
  return selectionOf(model, { ...readState(undefined), selected: [A, B] });
}
const scale = (by: number): Kind => ({ kind: 'scale', scale: by });

describe('what is done to several nodes', () => {
  it('is said as it is applied, where all have it', () => {
    expect(selected(entry([A, B], scale(0.96)))).toMatchObject({ state: 'scale', scale: 0.96 });
    // The same in two entries is the same.
    const two = [entry([A], scale(0.96)), entry([B], scale(0.96))];
    expect(selected(...two)).toMatchObject({ state: 'scale', scale: 0.96 });
    const value: Kind = { kind: 'value', value: -7 };
    expect(selected(entry([A, B], value))).toMatchObject({ state: 'value', value: -7, reach: 7 });
  });

  it('is not said of all where it holds for one', () => {
    expect(selected(entry([A], scale(0.96))).state).toBeNull();
    expect(selected(entry([A], scale(0.96)), entry([B], scale(0.5))).state).toBeNull();
  });

  it('is said to be a patch where activations of another text are put in', () => {
    expect(selected(entry([A, B], null)).state).toBe('patch');
    expect(selected(entry([A], null)).state).toBeNull();
  });

  it('is nothing without ablations, at the default place', () => {
    expect(selected()).toMatchObject({ state: 'keep', scale: 1, place: 'at' });
    expect(selected(entry([A, B], scale(2))).place).toBe('all');
  });
});
