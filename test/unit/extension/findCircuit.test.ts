/** Find the Circuit: what is searched for, and what is said of it. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Runtime } from '../../../models/runtime/runtime';
import { documentOf, editorOf, people, reset, seen, show } from '../../support/fakeEditor';

vi.mock('vscode', () => import('../../support/fakeEditor'));
const { isAbort } = await import('../../../extension/cancel');
const { findCircuit } = await import('../../../extension/commands/findCircuit');
const { Models } = await import('../../../extension/model/models');
const { LONGEST } = await import('../../../extension/toast');
const { Documents } = await import('../../../extension/trace/documents');
const { sampleCircuit } = await import('../../support/circuits');
const { fakeRuntime } = await import('../panel/fakeModel');
type Parts = Parameters<typeof findCircuit.run>[0];

beforeEach(reset);

const HASH = 'a'.repeat(64);
/** Ids of the line end and of some letters in the made-up model. */
const [NEWLINE, B, C] = [30, 2, 3];
const logged: string[] = [];
const log = {
  ...{ info: (line: string) => void logged.push(line), warn: () => undefined },
  ...{ error: () => undefined, debug: () => undefined, show: () => void logged.push('shown') },
};
const sample = sampleCircuit({ edges: [], allEdges: 0 });
const circuit = { ...sample, bundle: { ...sample.bundle, hash: HASH } };

/**
 * The command beside a file, on a model that says a line end after every text with a `b`, else `c`, and
 * nothing but `c` where `b` says nothing.
 */
function finding(text: string, decides = true) {
  const { runtime: fake } = fakeRuntime(HASH);
  const runtime = {
    ...fake,
    tokens: (text: string) =>
      Promise.resolve({
        ids: Uint16Array.from(text, (char) => (char === '\n' ? NEWLINE : char.charCodeAt(0) - 96)),
        starts: Uint32Array.from(text, (_, i) => i),
        ends: Uint32Array.from(text, (_, i) => i + 1),
      }),
    trace: (text: string, { token }: { token: number }) => {
      const last = token === text.length - 1;
      const said = !last ? B : decides && text.includes('b') ? NEWLINE : C;
      return Promise.resolve({
        logprobs: Float32Array.from({ length: 40 }, (_, id) => (id === said ? -0.1 : -5 - id / 40)),
        sites: [],
      });
    },
    checkCircuit: () => Promise.resolve(),
  } as unknown as Runtime;
  const models = new Models(() => Promise.resolve(runtime), log);
  const found: { name: string; beside: (file: string) => Promise<string | null> }[] = [];
  const nothing = () => undefined;
  const parts = {
    ...{ models, log, documents: new Documents(models) },
    circuits: {
      ...{ bundleDir: () => '/bundle', show: nothing },
      withProofs: <T>(one: T) => one,
      add: (one: (typeof found)[number]) => void found.push(one),
      list: () => Promise.resolve([]),
    },
    circuitJobs: { run: () => Promise.resolve(circuit) },
    ...{ activationMap: { showCircuit: nothing }, panel: { showCircuit: nothing } },
  } as unknown as Parts;
  show(editorOf(documentOf('file:///a.py', text), 0, text.length));
  people.chooses = ([first]) => first;
  const pair = async () => {
    const [{ name, beside }] = found;
    return JSON.parse((await beside(`${name}.jsonl`))!) as Record<
      'a' | 'b',
      { prompt: string; answer: string }
    >;
  };
  logged.length = 0;
  return { run: () => findCircuit.run(parts, undefined), found, pair };
}

describe('a predicted line end', () => {
  it('is an answer as it stands in a file, and shown as an escape', async () => {
    const { run, pair } = finding('abd');
    await run();
    expect(seen.lists[0].options.title).toBe('Find the circuit that predicts ‘\\n’ and not …');
    const { a, b } = await pair();
    expect(a).toEqual({ prompt: 'abd', answer: '\n' });
    expect(b.answer).toBe('c');
  });

  it('is one of the other prompt too', async () => {
    const { run, pair } = finding('aad');
    await run();
    const { a, b } = await pair();
    expect([a.answer, b]).toEqual(['c', { prompt: 'abd', answer: '\n' }]);
  });
});

describe('what is said', () => {
  it('of a circuit that was found is short, and whole behind "Details…"', async () => {
    const { run } = finding('abd');
    people.answers = (text) => (text.startsWith('Circuit ') ? 'Details…' : undefined);
    await run();
    await expect.poll(() => logged.at(-1)).toBe('shown');
    const [{ text, actions }] = seen.messages;
    expect(text).toMatch(
      /^Circuit after-abd: \d+ nodes, \d+ edges, \d+ backups?, loss [\d.]+\. Nothing was written, because no folder is open\.$/,
    );
    expect(text.length).toBeLessThanOrEqual(LONGEST);
    expect(actions).toEqual(['Verify', 'Show Nodes', 'Details…']);
    expect(logged.at(-2)).toMatch(
      /the model predicts ‘c’\. The prompt is 1 line .*none is left to verify it on/,
    );
  });

  it('where no change of a token will do is short, and leads to the prompt’s editor', async () => {
    const { run, found } = finding('aad', false);
    // So that no step of the walkthrough is done.
    expect(await run().catch(isAbort)).toBe(true);
    const [{ text, actions }] = seen.messages;
    expect(text).toMatch(/^Circuitscope: No single-token change/);
    expect(text.length).toBeLessThanOrEqual(LONGEST);
    expect(actions).toEqual(['Edit the Prompt']);
    expect(found).toEqual([]);
  });
});
