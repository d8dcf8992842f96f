/** What nobody asks for any more is let go, counted in sessions and in machines of the sparse engine. */
import { afterAll, afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ort } from '../../../models/onnxRuntime';
import type { Call, Reply } from '../../../models/runtime/protocol';
import { Engine } from '../../../models/inference/engine';
import { Server } from '../../../models/runtime/server';
import { Slopes } from '../../../models/inference/slopes';
import { Machine } from '../../../models/sparse/machine';
import { bundleIn, randomParts, temporaryFolder, vocabConfig } from './bundles';

const folder = temporaryFolder();
const bundleDir = bundleIn(folder.dir, randomParts(vocabConfig()));
afterAll(folder.remove);
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const IDLE_MS = 1000;
const passes = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const asked = { text: 'for i in range(9):\n', position: { token: 4 }, interventions: [] };
const ablated = { ablation: { kind: 'mean' }, positions: 'here', top: 5 } as const;
const effects: Call = { method: 'effects', params: { ...asked, ...ablated } };
const lens: Call = { method: 'lens', params: asked };
const surprisal: Call = { method: 'surprisal', params: { text: asked.text, interventions: [] } };

/** What was begun by a clock that is not the machine's has ended. */
const settled = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

/** A server whose sessions are counted. */
function counted(engine: 'onnx' | 'sparse') {
  const sessions = { made: 0, freed: 0 };
  const Session = ort.InferenceSession as unknown as {
    prototype: { release(): Promise<void> };
    create: typeof ort.InferenceSession.create;
  };
  const { create } = Session;
  vi.spyOn(Session, 'create').mockImplementation((...args: Parameters<typeof create>) => {
    sessions.made++;
    return create.apply(Session, args);
  });
  const { release } = Session.prototype;
  vi.spyOn(Session.prototype, 'release').mockImplementation(function (this: object) {
    sessions.freed++;
    return release.call(this);
  });
  const machines = vi.spyOn(Machine.prototype, 'release');
  const replies: Reply[] = [];
  const options = { bundleDir, threads: 1, engine, bundlesDir: null, expectedHash: null };
  const server = new Server(options, (reply) => replies.push(reply), IDLE_MS);
  let id = 0;
  const ask = async (call: Call) => {
    await server.receive({ type: 'call', id: ++id, call });
    const reply = replies.findLast(({ type }) => type === 'result' || type === 'error');
    if (reply?.type !== 'result') throw new Error(JSON.stringify(reply));
    return reply.result;
  };
  return { server, ask, sessions, machines };
}

test('sessions that nobody asks for are released, and loaded again when they are asked for', async () => {
  const { server, ask, sessions } = counted('onnx');
  const first = await ask(effects);
  await ask(lens);
  // Whole windows, their continuation, gradients, and the end of the model.
  expect(sessions).toEqual({ made: 4, freed: 0 });
  await passes(IDLE_MS);
  await settled();
  expect(sessions).toEqual({ made: 4, freed: 4 });
  expect(await ask(effects)).toEqual(first);
  expect(sessions).toEqual({ made: 7, freed: 4 });
  await server.receive({ type: 'close' });
  expect(sessions).toEqual({ made: 7, freed: 7 });
});

test('they are released while other things are asked for all the time', async () => {
  const { server, ask, sessions } = counted('onnx');
  await ask(effects);
  expect(sessions).toEqual({ made: 3, freed: 0 });
  for (let i = 0; i < 8; i++) {
    await passes(IDLE_MS / 4);
    await ask(surprisal);
  }
  expect(sessions).toEqual({ made: 3, freed: 2 });
  await server.receive({ type: 'close' });
  expect(sessions).toEqual({ made: 3, freed: 3 });
});

test('what is asked for again and again is kept', async () => {
  const { server, ask, sessions } = counted('onnx');
  for (let i = 0; i < 8; i++) {
    await passes(IDLE_MS / 2);
    await ask(effects);
  }
  expect(sessions).toEqual({ made: 3, freed: 0 });
  await server.receive({ type: 'close' });
});

test('what a request used is kept after it, however long it took', async () => {
  const { server, ask, sessions } = counted('onnx');
  const { run } = Slopes.prototype;
  vi.spyOn(Slopes.prototype, 'run').mockImplementation(function (this: Slopes, ...args) {
    vi.advanceTimersByTime(2 * IDLE_MS);
    return run.apply(this, args);
  });
  await ask(effects);
  expect(sessions).toEqual({ made: 3, freed: 0 });
  await server.receive({ type: 'close' });
});

test('all graphs of a model share one memory of the sparse engine, which goes when nobody asks for anything', async () => {
  const { server, ask, sessions, machines } = counted('sparse');
  const first = await ask(effects);
  expect(machines).not.toHaveBeenCalled();
  await passes(IDLE_MS);
  await settled();
  expect(machines).toHaveBeenCalledTimes(1);
  expect(await ask(effects)).toEqual(first);
  await server.receive({ type: 'close' });
  expect(machines).toHaveBeenCalledTimes(2);
  expect(new Set(machines.mock.contexts).size).toBe(2);
  expect(sessions).toEqual({ made: 0, freed: 0 });
});

test('memory in which something lies that was asked for stays', async () => {
  const { server, ask, machines } = counted('sparse');
  await ask(effects);
  for (let i = 0; i < 8; i++) {
    await passes(IDLE_MS / 4);
    await ask(surprisal);
  }
  expect(machines).not.toHaveBeenCalled();
  await server.receive({ type: 'close' });
  expect(machines).toHaveBeenCalledTimes(1);
});

test('a request that comes while things are let go waits until they are', async () => {
  const { server, ask } = counted('sparse');
  await ask(effects);
  let gone: () => void = () => undefined;
  const rest = vi
    .spyOn(Engine.prototype, 'rest')
    .mockReturnValueOnce(new Promise((resolve) => (gone = resolve)));
  await passes(IDLE_MS);
  await settled();
  expect(rest).toHaveBeenCalledTimes(1);
  let answered = false;
  const asking = ask(surprisal).then(() => (answered = true));
  for (let i = 0; i < 20; i++) await settled();
  expect(answered).toBe(false);
  gone();
  await asking;
  expect(answered).toBe(true);
  await server.receive({ type: 'close' });
});
