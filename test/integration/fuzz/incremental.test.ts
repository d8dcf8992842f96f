/** What is remembered across edits against what is computed anew, bit for bit. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Models } from '../../../extension/model/models';
import { Documents, type Snapshot } from '../../../extension/trace/documents';
import { tokenTrace } from '../../../extension/trace/tokenTrace';
import { Traces } from '../../../extension/trace/traces';
import { Engine } from '../../../models/inference/engine';
import type { Intervention } from '../../../models/inference/interventions';
import type { Runtime } from '../../../models/runtime/runtime';
import { activations, surprisal } from '../../../models/runtime/scan';
import { trace } from '../../../models/inference/trace';
import { applyEdit, edits, SEED } from '../../unit/fuzz/arbitraries';
import { bundleIn, randomParts, temporaryFolder, vocabConfig } from '../runtime/bundles';

const folder = temporaryFolder();
const START = readFileSync('samples/inventory.py', 'utf8').slice(0, 500);
const NODES = ['0.attn.q.3', '1.mlp.post_act.7', '1.mlp.resid_delta.0'];
const control = { progress: () => undefined, pause: () => Promise.resolve() };
const silent = { info() {}, warn() {}, error() {}, debug() {} };

let long: Engine;
let fresh: Engine;
beforeAll(async () => {
  const dir = bundleIn(folder.dir, randomParts(vocabConfig({ context: 24 })));
  [long, fresh] = [await Engine.open(dir, 1), await Engine.open(dir, 1)];
});
afterAll(async () => {
  await Promise.all([long.model.release(), fresh.model.release()]);
  folder.remove();
});

/** The engine as the editor calls it, without the thread in between. */
function runtimeOf(engine: Engine): Runtime {
  const runtime: Pick<Runtime, 'info' | 'tokens' | 'trace'> = {
    info: engine.info,
    tokens: (text) => Promise.resolve(engine.tokensOf(text).encoding),
    trace: (text, position, { interventions = [] } = {}) =>
      trace(engine, { text, position, interventions, whole: false }),
  };
  return runtime as Runtime;
}

/** The fresh engine, which remembers nothing. */
function forgetful(): Engine {
  fresh.windows.clear();
  fresh.passes.clear();
  return fresh;
}

const place = fc.double({ min: 0, max: 0.999, noNaN: true });
const kind = fc.constantFrom<Intervention['kind']>(
  { kind: 'mean' },
  { kind: 'zero' },
  { kind: 'value', value: 1.5 },
  { kind: 'scale', scale: -2 },
);
const positions = fc.oneof(
  fc.constant('all' as const),
  fc.record({ at: fc.nat(60) }),
  fc.record({ from: fc.nat(60) }),
);
const interventions: fc.Arbitrary<Intervention[]> = fc.array(
  fc.record({ nodes: fc.subarray(NODES, { minLength: 1 }), positions, kind }),
  { maxLength: 2 },
);
/** A text after some edits, and what is asked of it at each. */
const session = fc.record({
  changes: edits(5),
  places: fc.array(place, { minLength: 2, maxLength: 2 }),
  interventions,
});

/** The texts of a session, one after the other. */
function* versions(changes: Parameters<typeof applyEdit>[1][]): Generator<string> {
  let text = START;
  yield text;
  for (const change of changes) yield (text = applyEdit(text, change));
}

const bits = (numbers: Float32Array) =>
  Buffer.from(Float32Array.from(numbers).buffer).toString('hex');

describe('after random edits', () => {
  it('scans that remember windows are those of an engine that remembers nothing', async () => {
    await fc.assert(
      fc.asyncProperty(session, async ({ changes, places, interventions }) => {
        for (const text of versions(changes)) {
          const { count } = long.tokensOf(text);
          const [start, end] = places.map((p) => Math.floor(p * count)).sort((a, b) => a - b);
          const request = { text, range: { start, end }, interventions };
          const scans = async (engine: Engine) => {
            const { surprisal: nats } = await surprisal(engine, request, control);
            const { values } = await activations(engine, { ...request, nodes: NODES }, control);
            return [bits(nats), bits(values)];
          };
          expect(await scans(long)).toEqual(await scans(forgetful()));
        }
      }),
      { seed: SEED, numRuns: 12 },
    );
  });

  it('traces of the editor are those of an engine that remembers nothing', async () => {
    let version = 0;
    const models = new Models(() => Promise.resolve(runtimeOf(long)), silent);
    const documents = new Documents(models);
    const traces = new Traces(models, 1 << 22);
    const snapshotOf = (text: string): Promise<Snapshot> =>
      documents.snapshot({
        ...{ uri: { toString: () => 'a.py' }, version: ++version, getText: () => text },
      });
    await fc.assert(
      fc.asyncProperty(session, async ({ changes, places, interventions }) => {
        for (const text of versions(changes)) {
          const snapshot = await snapshotOf(text);
          // Two tokens before each edit the text is as it was, and its trace is still known.
          const near = changes.map(({ from }) => 0.98 * from);
          for (const p of [...places, ...near]) {
            const token = Math.floor(p * (snapshot.encoding.ids.length + 1)) - 1;
            const kept = await traces.trace({ snapshot, token, interventions });
            const request = { position: { token }, interventions, whole: false };
            const made = await trace(forgetful(), { text: snapshot.source.text, ...request });
            const { logprobs, sites } = tokenTrace(made);
            expect(bits(kept.logprobs)).toBe(bits(logprobs));
            expect(kept.sites).toEqual(sites);
          }
        }
      }),
      { seed: SEED, numRuns: 12 },
    );
  });
});
