/** How often the panel runs the model, counted where ONNX Runtime is called. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { InterventionStore } from '../../../extension/interventions/store';
import { keptIn, memoryFolder } from '../../support/folders';
import { Models } from '../../../extension/model/models';
import { NodeMeanings } from '../../../extension/nodes/meaning';
import { Requests } from '../../../extension/panel/requests';
import { Session } from '../../../extension/panel/session';
import { CircuitSource } from '../../../extension/panel/source';
import { Documents } from '../../../extension/trace/documents';
import { Traces } from '../../../extension/trace/traces';
import type { Answer, ToPanel, What } from '../../../webview/protocol';
import { countedRuntime, type CountedRuntime } from '../../support/countedRuntime';
import { bundleIn, randomParts, temporaryFolder, vocabConfig } from '../runtime/bundles';

const TEXT = 'def add(a, b):\n    return a + b\n';
const folder = temporaryFolder();
let counted: CountedRuntime;

beforeAll(async () => {
  counted = await countedRuntime(bundleIn(folder.dir, randomParts(vocabConfig({ context: 64 }))));
});
afterAll(async () => {
  await counted.runtime.close();
  folder.remove();
});

it('shows new bars after at most two passes of the model, and comes back to a token by none', async () => {
  const log = { info() {}, warn() {}, error() {}, debug() {}, show() {} };
  const models = new Models(() => Promise.resolve(counted.runtime), log);
  const memory = { get: () => undefined, update: () => Promise.resolve() };
  const parts = {
    ...{ models, log, documents: new Documents(models), traces: new Traces(models, 1 << 24) },
    ...{ store: new InterventionStore(memory, () => undefined), source: new CircuitSource(models) },
    meanings: new NodeMeanings(models),
    ...keptIn(memoryFolder().folder, () => undefined),
  };
  const document = { uri: { toString: () => 'file:///a.py' }, version: 1, getText: () => TEXT };
  let place = { line: 0, character: 4 };
  const sent: ToPanel[] = [];
  const session = new Session(parts, {
    ...{ cursor: () => ({ document, place }), document: () => document, colored: () => null },
    send: (message) => {
      sent.push(message);
      if (message.type === 'prediction') atBars.push(counted.forwards());
    },
  });
  const atBars: number[] = [];
  const nothing = () => undefined;
  const doings = {
    color: nothing,
    drawn: () => Promise.resolve(),
    open: () => Promise.resolve(),
    reveal: nothing,
    export: () => Promise.resolve(),
  };
  const answers: Answer[] = [];
  const requests = new Requests(session, parts, doings, (answer) => answers.push(answer));
  let id = 0;
  const ask = (what: What, asks: unknown, seq = 0) => {
    requests.receive({ type: 'ask', id: ++id, seq, what, asks });
  };
  await session.update();
  const { circuit: shown, seq, question } = session.current!;
  const node = shown!.nodes.find(({ role }) => role === 'channel')!.node!;
  ask('card', { node, token: question.reader }, seq);
  await expect.poll(() => answers.some(({ what }) => what === 'card')).toBe(true);

  let change = Promise.resolve();
  parts.store.changed.on(() => {
    change = session.changed();
  });
  for (const kind of [{ kind: 'zero' }, { kind: 'value', value: 3 }]) {
    const before = counted.forwards();
    const vertices = [{ node, token: question.reader }];
    ask('ablate', { vertices, kind, place: 'all' }, seq);
    await change;
    expect(atBars.at(-1)! - before).toBe(1);
    expect(counted.forwards() - before).toBeLessThanOrEqual(2);
  }
  ask('undo', {});
  await change;
  parts.store.clear();
  await change;

  place = { line: 1, character: 12 };
  await session.update();
  place = { line: 0, character: 4 };
  const before = counted.forwards();
  await session.update();
  expect(session.current!.question.reader).toBe(question.reader);
  expect(atBars.at(-1)! - before).toBe(0);
});
