/** The list of ablations in the page: what does not act is greyed. */
import { expect, it, vi } from 'vitest';
import type { Entry } from '../../../webview/protocol';
import { drawn } from '../../support/drawnView';

// Its elements need a page.
vi.mock('../../../webview/toolkit', () => ({ Button: 'button', Checkbox: 'input' }));
const { AblationList } = await import('../../../webview/views/ablations');
type Panel = Parameters<typeof AblationList>[0]['panel'];

it('greys what waits, and says where it stands', () => {
  const entry = (acts: boolean, where: string): Entry => ({
    ...{ nodes: ['a'], into: null, label: 'a', change: '→ zero', where, on: true, acts },
    ...{ kind: { kind: 'zero' }, place: 'all', token: null },
  });
  const entries = [entry(true, 'everywhere'), entry(false, 'everywhere; waits for its model')];
  const ablations = { name: '', entries, canUndo: false, canRedo: false };
  const panel = {
    model: { ablations, labels: new Map() },
    drawing: { meaningOf: () => '' },
    readings: { isolation: { now: { value: null, waiting: false, problem: null } } },
  } as unknown as Panel;
  const all = drawn(AblationList({ panel }));
  const rows = all.filter(({ type }) => type === 'li');
  expect(rows.map(({ props }) => props.class)).toEqual(['', 'idle']);
  expect(JSON.stringify(rows[1])).toContain('waits for its model');
});
