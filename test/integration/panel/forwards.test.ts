/** How often the panel runs the model, counted where ONNX Runtime is called. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { InterventionStore } from '../../../extension/interventions/store';
import { NodeLabels } from '../../../extension/labels/labels';
import { Models } from '../../../extension/model/models';
import { Requests } from '../../../extension/panel/requests';
import { Session } from '../../../extension/panel/session';
import { CircuitSource } from '../../../extension/panel/source';
import { Documents } from '../../../extension/trace/documents';
import { Traces } from '../../../extension/trace/traces';
import { circuit } from '../../../models/runtime/circuit';
import { Engine } from '../../../models/runtime/engine';
import { facts } from '../../../models/runtime/facts';
import type { Runtime } from '../../../models/runtime/runtime';
import { activations } from '../../../models/runtime/scan';
import { trace } from '../../../models/runtime/trace';
import type { ToPanel } from '../../../webview/protocol';
import { bundleIn, randomParts, temporaryFolder, vocabConfig } from '../runtime/bundles';

const TEXT = 'def add(a, b):\n    return a + b\n';
const folder = temporaryFolder();
let engine: Engine;
let forwards = 0;

beforeAll(async () => {
  engine = await Engine.open(bundleIn(folder.dir, randomParts(vocabConfig({ context: 64 }))), 1);
  const run = engine.model.run.bind(engine.model);
  engine.model.run = (...passes) => {
    forwards++;
    return run(...passes);
  };
});
afterAll(async () => {
  await engine.model.release();
  folder.remove();
});

/** The engine on this thread in the shape of a runtime on another. */
function onThisThread(): Runtime {
  const control = { progress: () => undefined, pause: () => Promise.resolve() };
  const runtime: Pick<
    Runtime,
    'info' | 'tokens' | 'trace' | 'circuit' | 'facts' | 'activations' | 'close'
  > = {
    info: engine.info,
    tokens: (text) => {
      const tokens = engine.tokensOf(text);
      return Promise.resolve(tokens.slice({ start: 0, end: tokens.count }));
    },
    trace: (text, position, { interventions = [], whole = false } = {}) =>
      trace(engine, { text, position, interventions, whole }),
    circuit: (text, position, { interventions = [], ...rest }) =>
      circuit(engine, { text, position, interventions, ...rest }, control),
    facts: (node, count) => Promise.resolve(facts(engine, { node, count })),
    activations: (text, nodes, { interventions = [], range = { start: 0, end: 1 } } = {}) =>
      activations(engine, { text, nodes, interventions, range }, control),
    close: () => Promise.resolve(),
  };
  return runtime as Runtime;
}

it('shows new bars after at most two passes of the model, and comes back to a token by none', async () => {
  const log = { info() {}, warn() {}, error() {}, debug() {} };
  const models = new Models(() => Promise.resolve(onThisThread()), log);
  const memory = { get: () => undefined, update: () => Promise.resolve() };
  const files = { read: () => Promise.resolve(null), write: () => Promise.resolve() };
  const parts = {
    ...{ models, log, documents: new Documents(models), traces: new Traces(models, 1 << 24) },
    ...{ store: new InterventionStore(memory, () => undefined), source: new CircuitSource(models) },
    labels: new NodeLabels(files, () => undefined),
  };
  const document = { uri: { toString: () => 'file:///a.py' }, version: 1, getText: () => TEXT };
  let place = { line: 0, character: 4 };
  const sent: ToPanel[] = [];
  const session = new Session(parts, {
    ...{ cursor: () => ({ document, place }), document: () => document, colored: () => null },
    send: (message) => {
      sent.push(message);
      if (message.type === 'prediction') atBars.push(forwards);
    },
  });
  const atBars: number[] = [];
  const nothing = () => undefined;
  const doings = { color: nothing, reveal: nothing, export: () => Promise.resolve() };
  const requests = new Requests(session, parts, doings);
  await session.update();
  const { circuit: shown, seq, question } = session.current!;
  const node = shown!.nodes.find(({ role }) => role === 'channel')!.node!;
  requests.receive({ type: 'card', seq, node });
  await expect.poll(() => sent.some(({ type }) => type === 'card')).toBe(true);

  let change = Promise.resolve();
  parts.store.changed.on(() => {
    change = session.changed();
  });
  for (const kind of [{ kind: 'zero' }, { kind: 'value', value: 3 }]) {
    const before = forwards;
    const vertices = [{ node, token: question.reader }];
    requests.receive({ type: 'ablate', seq, vertices, kind, place: 'all' });
    await change;
    expect(atBars.at(-1)! - before).toBe(1);
    expect(forwards - before).toBeLessThanOrEqual(2);
  }
  requests.receive({ type: 'undo' });
  await change;
  parts.store.clear();
  await change;

  place = { line: 1, character: 12 };
  await session.update();
  place = { line: 0, character: 4 };
  const before = forwards;
  await session.update();
  expect(session.current!.question.reader).toBe(question.reader);
  expect(atBars.at(-1)! - before).toBe(0);
});
