/** The hover as the editor asks for it: one provider, one table however often it is asked, and a line where it fails. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { EffectsOptions, Runtime } from '../../../models/runtime/runtime';
import {
  documentOf,
  editorOf,
  hoverProviders,
  Position,
  reset,
  seen,
  show,
} from '../../support/fakeEditor';
import type { MarkdownString } from '../../support/editorValues';

vi.mock('vscode', () => import('../../support/fakeEditor'));
const { showEffects } = await import('../../../extension/commands/showEffects');
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
type AllParts = Parameters<typeof showEffects.run>[0];

/**
 * The hovers of an editor on a model, and what that was asked.
 * @param loaded when the model is there
 */
function hovers(fails = false, loaded: Promise<unknown> = Promise.resolve()) {
  const { runtime: panels } = fakeRuntime();
  let measured = 0;
  const asked: (readonly [number | undefined, number | null])[] = [];
  const runtime = {
    ...panels,
    info: { ...panels.info, texts: panels.info.tokenTexts },
    effects: (_: string, __: unknown, { target, contrast }: EffectsOptions) => {
      measured++;
      asked.push([target, contrast ?? null]);
      return Promise.resolve({
        ...{ target, contrast: contrast ?? null, nodes: [NODE], count: 1 },
        ...{ activations: Float32Array.of(2), effects: Float32Array.of(-0.5) },
      });
    },
  } as unknown as Runtime;
  const open = () => (fails ? Promise.reject(new Error('no model')) : loaded.then(() => runtime));
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
    return (await Promise.all(each)).map((hover) => {
      const contents = hover?.contents as MarkdownString | string;
      return typeof contents === 'string' ? contents : contents.value;
    });
  };
  /** As a click on a link does it. */
  const click = async (markdown: string, words: RegExp) => {
    const link = [...markdown.matchAll(/\[([^\]]*)\]\(command:([\w.]+)\?(\S+) /g)].find(
      ([, text]) => words.test(text),
    );
    const [, , id, query] = link!;
    expect(id).toBe('circuitscope.showEffects');
    show(editorOf(document));
    const [argument] = JSON.parse(decodeURIComponent(query)) as unknown[];
    await showEffects.run({ ...parts, traces, store } as unknown as AllParts, argument);
  };
  return { ask, click, asked, measured: () => measured };
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

  it('is about what is predicted, and "why not what stands there?" is one click away', async () => {
    const { ask, click, asked } = hovers();
    const [markdown] = await ask(1);
    // After `b` the model says what cannot be seen; the file has `c`.
    expect(markdown).toContain('log&#45;probability&#32;of&#32;&#92;u&#123;87&#125;');
    const [[target, contrast]] = asked;
    expect(contrast).toBeNull();
    const clicked = click(markdown, /^Why not <code>c<\/code>\?$/);
    await expect.poll(() => seen.picks[0]?.items).toHaveLength(1);
    const [pick] = seen.picks;
    expect(asked.at(-1)).toEqual([target, 3]);
    expect(pick.title).toMatch(/^After b: why ‘\S+’ and not ‘c’: effect of each node/);
    pick.activeItems = pick.items;
    pick.accept();
    await clicked;
    // Who chooses a node ablates it.
    const [[id, place]] = seen.commands;
    expect(id).toBe('circuitscope.ablateNode');
    expect(place).toEqual({ uri: 'file:///a.py', line: 0, character: 1, node: NODE });
    // Nothing stands after the last token.
    expect((await ask(3))[0]).not.toContain('Why not');
  });

  it('says that the model is loading while it is, and does not wait for it', async () => {
    let there = () => undefined as unknown;
    const { ask } = hovers(false, new Promise((resolve) => (there = () => resolve(null))));
    expect(await ask(1)).toEqual([expect.stringMatching(/^The model is loading\./)]);
    there();
    await expect.poll(() => ask(1)).toEqual([expect.stringContaining('−0.50')]);
  });

  it('says in one line why there is none', async () => {
    const { ask } = hovers(true);
    expect(await ask(1)).toEqual([expect.stringContaining('no model')]);
  });
});
