/** The walkthrough: a step is done when what it runs has worked, and not before. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { isAbort } from '../../../extension/cancel';
import { commands, reset, seen, Uri } from '../../support/fakeEditor';

vi.mock('vscode', () => import('../../support/fakeEditor'));
const { tour } = await import('../../../extension/commands/tour');
type Parts = Parameters<typeof tour.run>[0];

const dir = mkdtempSync(join(tmpdir(), 'circuitscope-tour-'));
afterAll(() => {
  rmSync(dir, { recursive: true });
});
beforeEach(reset);

/** What each step runs. */
const RUNS = {
  open: [],
  hover: ['inspectToken'],
  circuit: ['showTaskCircuit'],
  ablate: ['ablateCircuit', 'inspectToken'],
  panel: ['openCircuit'],
  explain: ['explainCircuit'],
  heat: ['toggleHeatMap'],
  find: ['findCircuit'],
};
const steps = Object.entries(RUNS);
const failing = steps.flatMap(([step, runs]) => runs.map((run) => [step, run] as const));

/** Runs a step; commands say, as ours do, whether they worked. */
async function take(step: string, fails: string | null) {
  const registered = [...new Set(Object.values(RUNS).flat())].map((run) =>
    commands.registerCommand(`circuitscope.${run}`, () => run !== fails),
  );
  const parts = {
    extension: { id: 'a.b', folder: Uri.file(resolve('.')), storage: Uri.file(join(dir, 'own')) },
    hovers: { hide: () => Promise.resolve() },
  } as unknown as Parts;
  const ended = await tour.run(parts, { step }).then(
    () => 'done',
    (error: unknown) => (isAbort(error) ? 'given up' : error),
  );
  for (const one of registered) one.dispose();
  const ran = seen.commands.flatMap(([id]) => /^circuitscope\.(.*)/.exec(id as string)?.[1] ?? []);
  const ticked = seen.commands
    .filter(([id]) => id === 'setContext')
    .map(([, key, on]) => [key, on]);
  return { ended, ran, ticked };
}

describe('a step of the walkthrough', () => {
  it.each(steps)(
    '%s is done when its commands have worked, beside the sample',
    async (step, runs) => {
      const { ended, ran, ticked } = await take(step, null);
      expect([ended, ran]).toEqual(['done', runs]);
      expect(ticked).toEqual([[`circuitscope.tour.${step}`, true]]);
      expect(seen.documents).toEqual([expect.stringMatching(/first_look\.py$/)]);
    },
  );

  it.each(['circuit', 'ablate', 'explain'])('%s is of the shipped circuit', async (step) => {
    await take(step, null);
    const circuit = { circuit: 'if_ternary', origin: 'shipped' };
    expect(seen.commands).toContainEqual([`circuitscope.${RUNS[step as 'circuit'][0]}`, circuit]);
  });

  it.each(failing)('%s is not done when %s fails', async (step, run) => {
    expect(await take(step, run)).toMatchObject({ ended: 'given up', ticked: [] });
  });

  it('is ticked by that alone in the manifest', () => {
    const manifest = readFileSync('package.json', 'utf8');
    const { contributes } = JSON.parse(manifest) as {
      contributes: { walkthroughs: { steps: { completionEvents: string[] }[] }[] };
    };
    const events = contributes.walkthroughs.flatMap(({ steps }) =>
      steps.flatMap(({ completionEvents }) => completionEvents),
    );
    expect(events.filter((event) => !event.startsWith('onView:'))).toEqual(
      steps.map(([step]) => `onContext:circuitscope.tour.${step}`),
    );
  });
});
