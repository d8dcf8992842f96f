/** A model with bridges: the list of models says so, and who steers without one is led to it. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { documentOf, editorOf, opened, people, reset, seen, show } from '../../support/fakeEditor';

vi.mock('vscode', () => import('../../support/fakeEditor'));
const { chooseModel } = await import('../../../extension/commands/chooseModel');
const { steerDense } = await import('../../../extension/commands/steerDense');
const { snapshotOf } = await import('../../support/snapshots');
type Parts = Parameters<typeof steerDense.run>[0];

let shipped: string;
beforeEach(() => {
  reset();
  shipped = mkdtempSync(join(tmpdir(), 'circuitscope-'));
});
afterEach(() => {
  rmSync(shipped, { recursive: true });
});

/** Ships a model with a card. */
function ship(name: string, card: object): void {
  mkdirSync(join(shipped, name));
  writeFileSync(join(shipped, name, 'bundle.json'), '{}');
  writeFileSync(join(shipped, name, 'card.json'), JSON.stringify(card));
}

function parts(): Parts {
  return {
    models: {
      state: { kind: 'idle' },
      info: () => Promise.resolve({ ...snapshotOf('ab').info, name: 'python-sparse' }),
    },
    bundlePlaces: () => ({ shipped, workspace: [], trusted: true }),
    log: { info: () => undefined, show: () => undefined },
  } as unknown as Parts;
}

describe('steering with a model that has no bridges', () => {
  const steer = async () => {
    show(editorOf(documentOf('file:///a.py', 'ab')));
    people.answers = () => seen.messages[0].actions[0];
    await steerDense.run(parts(), undefined);
    expect(seen.messages).toMatchObject([
      {
        kind: 'error',
        text: 'Circuitscope: python-sparse has no bridges to a dense model; choose one that does',
      },
    ]);
    return seen.messages[0].actions;
  };

  it('offers the shipped one that has', async () => {
    ship('python-bridge', {});
    expect(await steer()).toEqual(['Use python-bridge']);
    expect(opened.settings).toEqual({ bundle: 'python-bridge' });
    expect(seen.commands).toEqual([]);
  });

  it('offers the choice of a model where none ships', async () => {
    ship('python-sparse', {});
    expect(await steer()).toEqual(['Choose Model']);
    expect(opened.settings).toEqual({});
    expect(seen.commands).toEqual([['circuitscope.chooseModel']]);
  });
});

it('is told apart in the list of models', async () => {
  ship('python-bridge', {
    ...{ bridges: { dense: 'python-dense' }, natsPerToken: { heldOutOrdinary: 2.5 } },
  });
  ship('python-sparse', {});
  await chooseModel.run(parts(), undefined);
  expect(seen.lists[0].items.slice(0, 2)).toMatchObject([
    { label: 'python-sparse', description: 'in use' },
    {
      label: 'python-bridge',
      description: 'bridged to python-dense · 2.50 nats per token on unseen Python',
    },
  ]);
});
