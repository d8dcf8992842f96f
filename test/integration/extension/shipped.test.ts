/** What people meet first, on the shipped model: the hover of a token, and the other prompt of a pair. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { Runtime, type EffectsOptions } from '../../../models/runtime/runtime';
import {
  documentOf,
  editorOf,
  hoverProviders,
  people,
  Position,
  reset,
  seen,
  show,
} from '../../support/fakeEditor';
import type { MarkdownString } from '../../support/editorValues';
import { keptIn, memoryFolder } from '../../support/folders';
import { built } from '../runtime/built';

vi.mock('vscode', () => import('../../support/fakeEditor'));
// How long effects take is for the benchmarks; what is measured meanwhile is for these tests.
vi.mock('../../../extension/cancel', async (load) => ({
  ...(await load<typeof import('../../../extension/cancel')>()),
  soon: (work: Promise<unknown>) => work,
}));
const { findCircuit } = await import('../../../extension/commands/findCircuit');
const { Hovers } = await import('../../../extension/hover/provider');
const { HoverWork } = await import('../../../extension/hover/work');
const { InterventionStore } = await import('../../../extension/interventions/store');
const { Models } = await import('../../../extension/model/models');
const { NodeMeanings } = await import('../../../extension/nodes/meaning');
const { Documents } = await import('../../../extension/trace/documents');
const { likeliest } = await import('../../../extension/trace/tokenTrace');
const { Traces } = await import('../../../extension/trace/traces');

const log = { info() {}, warn() {}, error() {}, debug() {}, show() {} };
const runtime = await Runtime.open(join('models', 'bundles', 'python-sparse'), {
  workerFile: built('runtime-worker.js'),
  engine: 'onnx',
});
afterAll(() => runtime.close());
beforeEach(reset);
const { texts, tokenTexts } = runtime.info;

/** What follows a text for the model, likeliest first. */
const predicted = async (text: string) => {
  const { ids } = await runtime.tokens(text);
  const { logprobs } = await runtime.trace(text, { token: ids.length - 1 });
  return likeliest(logprobs, 5);
};

describe('the first hover', () => {
  const text = readFileSync('samples/inventory.py', 'utf8');

  /** Hovers of an editor that has just been opened, and the effects that they asked the model for. */
  const opened = () => {
    const asked: EffectsOptions[] = [];
    const own = new Proxy(runtime, {
      get: (model, name) => {
        const value = model[name as keyof Runtime] as unknown;
        if (typeof value !== 'function') return value;
        return (...all: unknown[]) => {
          if (name === 'effects') asked.push(all[2] as EffectsOptions);
          return (value as (...all: unknown[]) => unknown).apply(model, all);
        };
      },
    });
    const models = new Models(() => Promise.resolve(own), log);
    const documents = new Documents(models);
    const memory = { get: () => undefined, update: () => Promise.resolve() };
    const store = new InterventionStore(memory, () => undefined);
    const work = new HoverWork({ documents, traces: new Traces(models, 1 << 26), store });
    const { labels } = keptIn(memoryFolder().folder, () => undefined);
    const parts = { models, work, labels, meanings: new NodeMeanings(models), log };
    hoverProviders.clear();
    new Hovers(parts, { enabled: () => true, detail: () => 'compact' }).register('python');
    const hover = async (line: number, character: number) => {
      const [provider] = hoverProviders;
      const document = documentOf('file:///inventory.py', text);
      const running = { isCancellationRequested: false };
      const hover = await provider.provideHover(document, new Position(line, character), running);
      return (hover!.contents as MarkdownString).value;
    };
    return { hover, asked };
  };
  /** The file up to the end of the token at a place. */
  const upTo = async (line: number, character: number) => {
    const before = text.split('\n').slice(0, line).join('\n');
    const offset = before.length + 1 + character;
    const { ends } = await runtime.tokens(text);
    return text.slice(
      0,
      ends.find((end) => end > offset),
    );
  };
  const unescaped = (markdown: string) =>
    markdown.replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)));

  it.each([
    [11, 19],
    [12, 9],
    [17, 24],
    [22, 12],
  ])('in line %i has effects on what is predicted, in one table, when it opens', async (...at) => {
    const { hover, asked } = opened();
    const markdown = await hover(...at);
    const [target] = await predicted(await upTo(...at));
    // No more than an estimate ranks first, so that they are there in time.
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatchObject({
      target,
      top: 64,
      ablation: { kind: 'mean' },
      positions: 'here',
    });
    expect(asked[0].contrast).toBeUndefined();
    expect(markdown.match(/^.*:--.*$/gm)).toHaveLength(1);
    const table = markdown.split('\n').filter((line) => line.startsWith('|'));
    expect(table[0]).toContain('top nodes');
    const effects = table.slice(2, 5).map((row) => /\*\*([+−]\d+\.\d+)\*\*/.exec(row)?.[1] ?? '');
    expect(effects).not.toContain('');
    const sizes = effects.map((effect) => Number(effect.slice(1)));
    expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
    const shown = tokenTexts[target].replaceAll(' ', '·');
    expect(unescaped(table[2])).toContain(`<code>${shown}</code>`);
    expect(unescaped(markdown)).toContain(`log-probability of ${shown} (nats)`);
    expect(markdown).not.toContain('…');
  });
});

describe('"Change one token for me"', () => {
  it.each([
    'x = [name, 1, size',
    'for i in range(10)',
    'def add(a, b):\n    return a',
    'import os\nimport sys\n\n\ndef main():\n    print(os',
    'values = {"a": 1, "b": 2',
    'class Item:\n    def __init__(self',
    'if not items:\n    return None',
    'assert x is not',
  ])('finds a prompt after which the model says something else: %j', async (prompt) => {
    const models = new Models(() => Promise.resolve(runtime), log);
    let pair = '';
    const parts = {
      ...{ models, log, documents: new Documents(models), activationMap: {}, panel: {} },
      circuits: {
        bundleDir: () => '',
        add: ({ name, beside }: { name: string; beside: (file: string) => Promise<string> }) =>
          void beside(`${name}.jsonl`).then((text) => (pair = text)),
      },
      circuitJobs: { run: () => Promise.resolve({}) },
    } as unknown as Parameters<typeof findCircuit.run>[0];
    const lines = prompt.split('\n');
    show(editorOf(documentOf('file:///a.py', prompt), lines.length - 1, lines.at(-1)!.length));
    people.chooses = ([first]) => first;
    // What was found is no circuit, so it cannot be shown.
    await findCircuit.run(parts, undefined).catch(() => undefined);
    expect(seen.messages).toEqual([]);
    const { a, b } = JSON.parse(pair) as Record<'a' | 'b', { prompt: string; answer: string }>;
    expect(a.prompt).toBe(prompt);
    for (const { prompt, answer } of [a, b]) {
      const [likeliest] = await predicted(prompt);
      expect(texts[likeliest]).toBe(answer);
    }
    expect(a.answer).not.toBe(b.answer);
    const [one, other] = [await runtime.tokens(a.prompt), await runtime.tokens(b.prompt)];
    if (one.ids.length === other.ids.length) {
      expect(one.ids.filter((id, i) => id !== other.ids[i])).toHaveLength(1);
    } else {
      expect(other.ids.length).toBe(one.ids.length - 1);
    }
  });
});
