/** One ablation may be of thousands of nodes: wherever ablations are counted, that is said. */
import { beforeEach, expect, it, vi } from 'vitest';
import { ablationsText, countAblations } from '../../../shared/ablations';
import { reset, seen } from '../../support/fakeEditor';

vi.mock('vscode', () => import('../../support/fakeEditor'));
const { AblationStatus } = await import('../../../extension/status');
const { experiment } = await import('../../../extension/circuits/experiment');
const { conversation, NODE } = await import('../panel/fakeModel');
const { sampleCircuit } = await import('../../support/circuits');

beforeEach(reset);

it('is said in words where there are more nodes than ablations', () => {
  const text = (...sizes: number[]) =>
    ablationsText(countAblations(sizes.map((size) => ({ nodes: Array<string>(size).fill('a') }))));
  expect(text(1)).toBe('1 ablation');
  expect(text(1, 1, 1)).toBe('3 ablations');
  expect(text(11_211)).toBe('1 ablation of 11,211 nodes');
  expect(text(2, 1)).toBe('2 ablations of 3 nodes');
});

it('is said in the status bar and in the panel of all but a circuit', async () => {
  const { parts, session, last, move } = conversation();
  await move('abcd', 1);
  const { info } = session.current!.question.snapshot;
  const circuit = sampleCircuit({ core: [NODE], cut: [], edges: [] });
  const known = {
    ...({ name: 'quotes', origin: 'found', where: 'quotes.json', circuit } as const),
    beside: () => Promise.resolve(null),
  };
  const status = new AblationStatus(parts.store, parts.models);
  parts.store.replace(experiment(known, 'sufficient', info));
  await session.changed();
  const { inForce } = last('prediction')!.prediction;
  expect(inForce.ablations).toBe(1);
  expect(inForce.nodes).toBeGreaterThan(100);
  expect(ablationsText(inForce)).toMatch(/^1 ablation of \d+ nodes$/);
  expect(seen.statusBar.at(-1)!.text).toContain(ablationsText(inForce));
  status.dispose();
});
