/**
 * What a hover costs the editor's host: from the cache, and after an edit against the bare forward
 * pass, in pairs, because the machine may be busy; how long effects take; and how long a file of
 * 20,000 lines ever holds the host. Prints one line of JSON for each figure.
 *
 *   npm run bench -- hover [BUNDLE FOLDER] [PAIRS]
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { contentOf } from '../../extension/hover/content';
import { hoverMarkdown } from '../../extension/hover/markdown';
import { HoverToken, HoverWork } from '../../extension/hover/work';
import { InterventionStore } from '../../extension/interventions/store';
import { Models } from '../../extension/model/models';
import { Documents, tokenAtPlace } from '../../extension/trace/documents';
import { tokenView } from '../../extension/trace/tokenView';
import { Traces, type TokenEffects } from '../../extension/trace/traces';
import { Engine } from '../../models/inference/engine';
import { Runtime } from '../../models/runtime/runtime';
import { LOGPROBS } from '../../models/transformer/graphs';
import { figure, milliseconds, turns, waits } from './paired';

const THREADS = 2;
/** Tokens hovered for the figures from the cache, and how often each. */
const PLACES = 12;
const ROUNDS = 25;
const LONG_LINES = 20_000;
const CACHE_BYTES = 64 * 2 ** 20;
/** After so long, in ms, effects are being measured: the trace before them takes a tenth of it. */
const EFFECTS_BEGIN = 200;

/** The parts of the extension behind a hover, on a real model. */
function partsOn(runtime: Runtime) {
  const silent = { info() {}, warn() {}, error() {}, debug() {} };
  const models = new Models(() => Promise.resolve(runtime), silent);
  const memory = { get: () => undefined, update: () => Promise.resolve() };
  const store = new InterventionStore(memory, () => undefined);
  const documents = new Documents(models);
  const traces = new Traces(models, CACHE_BYTES);
  return { documents, traces, work: new HoverWork({ documents, traces, store }) };
}
type Parts = ReturnType<typeof partsOn>;

/** One version of a document. */
function document(text: string, version: number) {
  return { uri: { toString: () => 'file:///bench.py' }, version, getText: () => text };
}

/** A hover without effects, meanings and labels. */
const UNKNOWN = {
  ...{
    effects: null,
    meanings: new Map<string, string>(),
    names: { given: new Map<string, string>(), bundled: null },
  },
  detail: 'compact' as const,
};

const linkPlace = { uri: 'file:///bench.py', line: 0, character: 0 };

/** Hovers whose prediction and effects are known. */
async function fromCache({ traces, work }: Parts, text: string): Promise<void> {
  const doc = document(text, 1);
  const lines = text.split('\n').length;
  const places = Array.from({ length: PLACES }, (_, i) => ({
    line: Math.floor((i * lines) / PLACES),
    character: 4,
  }));
  const leading: number[] = [];
  const found: number[] = [];
  const effects: number[] = [];
  const rates: number[] = [];
  for (const place of places) {
    const token = (await work.pointed(doc, place))!;
    leading.push(await milliseconds(() => token.leading()));
    let all: TokenEffects;
    const time = await milliseconds(async () => {
      all = await traces.effects(token.at, token.why);
    });
    const { length: nodes } = all!.nodes;
    const first = (await token.leading()).nodes.slice(0, 3).map(({ node }) => node);
    found.push(all!.nodes.slice(0, 3).filter(({ node }) => first.includes(node)).length);
    effects.push(time);
    rates.push((1000 * nodes) / time);
  }
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    for (const place of places) {
      times.push(
        await milliseconds(async () => {
          const token = (await work.pointed(doc, place))!;
          const effects = await token.leading();
          hoverMarkdown(contentOf(token, linkPlace, { ...UNKNOWN, effects }));
        }),
      );
    }
  }
  waits('hover', 'hover from the cache', times, 'p95 < 20');
  waits('hover', 'effects of the nodes that an estimate ranks first', leading, '');
  waits('hover', 'effects of all active nodes at a token', effects, '');
  const name = 'of the 3 largest effects of all, among the first 3 of those';
  figure({ bench: 'hover', name, unit: 'nodes', target: '' }, found);
  figure({ bench: 'hover', name: 'nodes ablated at a token', unit: 'nodes/s', target: '' }, rates);
}

/**
 * An edit in a window of the whole context, up to the hover that follows it; also while the effects of
 * the hover before the edit are being measured.
 */
async function afterEdit(parts: Parts, engine: Engine, pairs: number): Promise<void> {
  const { documents, traces, work } = parts;
  const line = 'total = add_all(items, start=0)\n';
  const perLine = engine.tokensOf(line).count;
  // With the end-of-text before it, one window holds it all.
  const body = line.repeat(Math.floor((engine.config.context - 12) / perLine));
  const { signal } = new AbortController();
  const place = { line: body.split('\n').length - 1, character: 8 };
  const edited = (pair: number) => document(`number = ${pair}\n${body}`, pair + 2);
  let tokens = 0;
  const hover = async (pair: number) => {
    const snapshot = await documents.snapshot(edited(pair));
    const at = { snapshot, token: tokenAtPlace(snapshot, place)!, interventions: [] };
    tokens = snapshot.encoding.ids.length + 1;
    const view = await tokenView(traces, at, 5, signal);
    hoverMarkdown(contentOf(new HoverToken(view, at, traces, signal), linkPlace, UNKNOWN));
  };
  const bare = async (pair: number) => {
    const text = engine.tokensOf(`number = ${pair}\n${body}`);
    const ids = text.ids({ start: -1, end: text.count });
    const read = Int32Array.from(ids.keys());
    await engine.model.run({ batch: 1, tokens: ids, read, edits: new Map(), outputs: [LOGPROBS] });
  };
  let [edits, passes] = [0, 0];
  const times = await turns(pairs, { hover: () => hover(edits++), bare: () => bare(passes++) });
  const name = `edit to hover, ${tokens} tokens`;
  waits('hover', name, times.hover, '');
  const what = { bench: 'hover', name: `${name} / bare pass`, unit: 'ratio' };
  figure({ ...what, target: 'at most 1.5' }, times.hover, times.bare);

  const [busy, beside]: number[][] = [[], []];
  for (let pair = 0; pair < Math.ceil(pairs / 3); pair++) {
    const before = (await work.pointed(edited(edits++), place))!;
    const measured = before.leading().catch(() => undefined); // The edit ends it.
    await sleep(EFFECTS_BEGIN);
    let after: HoverToken;
    const again = async () => {
      after = (await work.pointed(edited(edits), place))!;
      hoverMarkdown(contentOf(after, linkPlace, UNKNOWN));
    };
    busy.push(await milliseconds(again));
    await Promise.all([measured, after!.leading()]);
    edits++;
    beside.push(await milliseconds(() => bare(passes++)));
  }
  const under = 'edit to hover, effects under way / bare pass';
  figure({ ...what, name: under, target: '' }, busy, beside);
}

/** How long the host's thread is held while a long file is opened, edited, hovered and scanned. */
async function blocking({ documents, traces, work }: Parts): Promise<void> {
  const functions = Array.from(
    { length: LONG_LINES / 4 },
    (_, i) => `def f_${i}(x):\n    y = [x, ${i}]\n    return sum(y)\n\n`,
  );
  const text = functions.join('');
  const gaps: number[] = [];
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    gaps.push(now - last);
    last = now;
  }, 1);
  const { signal } = new AbortController();
  for (let version = 100; version < 110; version++) {
    const doc = document(text + 'x = 1\n'.repeat(version), version);
    const snapshot = await documents.snapshot(doc);
    await work.pointed(doc, { line: LONG_LINES - 3, character: 5 });
    await traces.surprisal(snapshot, { start: 0, end: 500 }, [], signal);
  }
  clearInterval(timer);
  waits('hover', `times between turns of the host, ${LONG_LINES} lines`, gaps, 'largest <= 50');
}

async function main([dir = 'models/bundles/python-sparse', pairs = '30']: string[]): Promise<void> {
  const workerFile = resolve('dist/runtime-worker.js');
  const runtime = await Runtime.open(dir, { workerFile, threads: THREADS });
  const engine = await Engine.open(dir, THREADS);
  const parts = partsOn(runtime);
  await afterEdit(parts, engine, Number(pairs));
  await fromCache(parts, readFileSync('samples/calculator.py', 'utf8'));
  await blocking(parts);
  await runtime.close();
  await engine.model.release();
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
