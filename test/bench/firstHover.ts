/**
 * The first hover after start: a worker, a bundle, a document, a prediction, all new, against the bare
 * forward pass of the same window.
 *
 *   npm run bench -- firstHover
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { contentOf, shownNodes } from '../../extension/hover/content';
import { hoverMarkdown } from '../../extension/hover/markdown';
import { HoverToken } from '../../extension/hover/work';
import { Models } from '../../extension/model/models';
import { NodeMeanings } from '../../extension/nodes/meaning';
import { Documents, tokenAtPlace } from '../../extension/trace/documents';
import { tokenView } from '../../extension/trace/tokenView';
import { Traces } from '../../extension/trace/traces';
import { Engine } from '../../models/inference/engine';
import { Runtime } from '../../models/runtime/runtime';
import { LOGPROBS } from '../../models/transformer/graphs';
import { figure, milliseconds } from './paired';
import { benchmark } from './start';

const THREADS = 2;
const CACHE_BYTES = 64 * 2 ** 20;
const CANDIDATES = 5;
const text = readFileSync('samples/inventory.py', 'utf8');
const place = { line: 11, character: 19 };
const silent = { info() {}, warn() {}, error() {}, debug() {} };

/** Everything from nothing up to the text of the hover, with effects in it. */
async function firstHover(models: Models): Promise<void> {
  const traces = new Traces(models, CACHE_BYTES);
  const document = { uri: { toString: () => 'file:///a.py' }, version: 1, getText: () => text };
  const snapshot = await new Documents(models).snapshot(document);
  const at = { snapshot, token: tokenAtPlace(snapshot, place)!, interventions: [] };
  const { signal } = new AbortController();
  const view = await tokenView(traces, at, CANDIDATES, signal);
  const hover = new HoverToken(view, at, traces, signal);
  const effects = await hover.leading();
  const all = new NodeMeanings(models);
  const bundled = await all.labels(snapshot.info);
  const meanings = await all.of(snapshot.info, shownNodes(effects, 'compact'));
  const known = {
    effects,
    meanings,
    names: { given: new Map<string, string>(), bundled },
    detail: 'compact',
  } as const;
  hoverMarkdown(contentOf(hover, { uri: 'file:///a.py', ...place }, known));
}

benchmark(async ({ dir, pairs }) => {
  const engine = await Engine.open(dir, THREADS);
  const tokens = engine.tokensOf(text);
  const ids = tokens.ids(tokens.window(0));
  const read = Int32Array.from(ids.keys());
  const pass = { batch: 1, tokens: ids, read, edits: new Map(), outputs: [LOGPROBS] };
  const workerFile = resolve('dist/runtime-worker.js');
  const first: number[] = [];
  const bare: number[] = [];
  await engine.model.run(pass); // The first run allocates.
  for (let pair = 0; pair < Math.ceil(pairs / 3); pair++) {
    const models = new Models(() => Runtime.open(dir, { workerFile, threads: THREADS }), silent);
    first.push(await milliseconds(() => firstHover(models)));
    await models.reset();
    bare.push(await milliseconds(() => engine.model.run(pass)));
  }
  const name = 'first hover after start, model not loaded';
  figure({ bench: 'firstHover', name, unit: 'ms', target: '' }, first);
  const ratio = `${name} / forward of ${ids.length} tokens`;
  figure({ bench: 'firstHover', name: ratio, unit: 'ratio', target: '' }, first, bare);
  await engine.model.release();
});
