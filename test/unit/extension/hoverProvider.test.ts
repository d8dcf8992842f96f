/** The hover as the editor asks for it: one provider, one table however often it is asked, and a line where it fails. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Runtime } from '../../../models/runtime/runtime';
import { documentOf, hoverProviders, Position, reset } from '../../support/fakeEditor';
import type { MarkdownString } from '../../support/editorValues';

vi.mock('vscode', () => import('../../support/fakeEditor'));
const { Hovers } = await import('../../../extension/hover/provider');
const { HoverWork } = await import('../../../extension/hover/work');
const { InterventionStore } = await import('../../../extension/interventions/store');
const { Models } = await import('../../../extension/model/models');
const { NodeMeanings } = await import('../../../extension/nodes/meaning');
const { Documents } = await import('../../../extension/trace/documents');
const { Traces } = await import('../../../extension/trace/traces');
const { keptIn, memoryFolder } = await import('../../support/folders');
const { fakeRuntime, NODE } = await import('../panel/fakeModel');

const log = { info() {}, warn() {}, error() {}, debug() {} };
const memory = { get: () => undefined, update: () => Promise.resolve() };
const running = { isCancellationRequested: false };

/** The hovers of an editor on a model, and what that was asked. */
function hovers(fails = false) {
  const { runtime: panels } = fakeRuntime();
  let measured = 0;
  const runtime = {
    ...panels,
    info: { ...panels.info, texts: panels.info.tokenTexts },
    effects: (_: string, __: unknown, { target }: { readonly target: number }) => {
      measured++;
      return Promise.resolve({
        ...{ target, contrast: null, nodes: [NODE], count: 1 },
        ...{ activations: Float32Array.of(2), effects: Float32Array.of(-0.5) },
      });
    },
  } as unknown as Runtime;
  const open = () => (fails ? Promise.reject(new Error('no model')) : Promise.resolve(runtime));
  const models = new Models(open, log);
  const documents = new Documents(models);
  const traces = new Traces(models, 1 << 20);
  const store = new InterventionStore(memory, () => undefined);
  const work = new HoverWork({ documents, traces, store });
  const { labels } = keptIn(memoryFolder().folder, () => undefined);
  const parts = { models, work, labels, meanings: new NodeMeanings(models), log };
  new Hovers(parts, { enabled: () => true, detail: () => 'compact' }).register('python');
  const document = documentOf('file:///a.py', 'abcd');
  const ask = async (character: number) => {
    const each = [...hoverProviders].map((provider) =>
      provider.provideHover(document, new Position(0, character), running),
    );
    return (await Promise.all(each)).map((hover) => (hover?.contents as MarkdownString).value);
  };
  return { ask, measured: () => measured };
}
beforeEach(reset);
afterEach(() => {
  hoverProviders.clear();
});

describe('the hover of a token', () => {
  it('is one part with one table, measured once, when the editor asks twice in a tick', async () => {
    const { ask, measured } = hovers();
    const [first, second] = await Promise.all([ask(1), ask(1)]);
    expect(first).toHaveLength(1);
    expect(second).toEqual(first);
    // The line below a table's head.
    expect(first[0].match(/^.*:--.*$/gm)).toHaveLength(1);
    expect(first[0]).toContain('−0.50');
    expect(measured()).toBe(1);
  });

  it('says in one line why there is none', async () => {
    const { ask } = hovers(true);
    expect(await ask(1)).toEqual([expect.stringContaining('no model')]);
  });
});
