/** The runtime through its worker thread: answers, cancelling, dying, closing. */
import { once } from 'node:events';
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { writeBundle } from '../../../models/bundles/bundle';
import { edgesForFile, type Circuit } from '../../../models/circuits/file/circuitFile';
import { ModelEdges } from '../../../models/weights/edges';
import { Engine } from '../../../models/inference/engine';
import { ModelLost } from '../../../models/runtime/modelThread';
import { Runtime } from '../../../models/runtime/runtime';
import type { Reply } from '../../../models/runtime/protocol';
import { Server } from '../../../models/runtime/server';
import { trace } from '../../../models/inference/trace';
import { sampleCircuit } from '../../support/circuits';
import { built } from './built';
import { bundleIn, randomParts, temporaryFolder, vocabConfig } from './bundles';

const folder = temporaryFolder();
const text = 'class Cat:\n    def __init__(self, name):\n        self.name = name\n';
/** A text of many windows, each of which is new to the runtime. */
const longText = (name: string) =>
  Array.from({ length: 600 }, (_, i) => `${name}_${i} = ${i * i} + ${name}(${i})\n`).join('');
let bundleDir: string;
let workerFile: string;
let runtime: Runtime;

beforeAll(async () => {
  workerFile = built('runtime-worker.js');
  bundleDir = bundleIn(folder.dir, randomParts(vocabConfig()));
  runtime = await Runtime.open(bundleDir, { workerFile, threads: 1 });
});
afterAll(async () => {
  await runtime.close();
  folder.remove();
});

describe('a runtime', () => {
  it('says which model it has', () => {
    const { name, hash, config, tokenTexts, endOfText } = runtime.info;
    expect({ name, endOfText }).toEqual({ name: 'tiny', endOfText: 2047 });
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(config).toEqual(vocabConfig());
    expect(tokenTexts).toHaveLength(2048);
  });

  it('gives what the engine gives', async () => {
    const engine = await Engine.open(bundleDir, 1);
    const position = { offset: 20 };
    const request = { text, position, interventions: [], whole: true };
    expect(await runtime.trace(text, position, { whole: true })).toEqual(
      await trace(engine, request),
    );
    const { ids, starts, ends } = await runtime.tokens(text);
    expect({ ids, starts, ends }).toEqual(engine.tokensOf(text).encoding);
    await engine.model.release();
  });

  it('refuses a circuit whose edges are not the weights of the model', async () => {
    const { name, hash, config } = runtime.info;
    const core = ['0.attn.act_in.0', '0.attn.q.1', '0.attn.v.2'];
    const weights = new ModelEdges({ config, weights: randomParts(config).weights });
    const edges = weights.edgesBetween(core);
    const of = { bundle: { name, hash }, core, ...edgesForFile(edges, edges.length) };
    const circuit: Circuit = { ...sampleCircuit(), ...of };
    await runtime.checkCircuit(circuit, 'c.json');
    const invented = [{ from: core[1], to: core[2], weight: 1 }];
    await expect(runtime.checkCircuit({ ...circuit, edges: invented }, 'c.json')).rejects.toThrow(
      /^c\.json: the model has no weight from 0\.attn\.q\.1 to 0\.attn\.v\.2; prune again$/,
    );
  });

  it('answers the same text twice, although numbers are moved out of the worker', async () => {
    const ask = async () => [await runtime.tokens(text), await runtime.surprisal(text)] as const;
    expect(await ask()).toEqual(await ask());
  });

  it('says what is wrong with a request in one line', async () => {
    const interventions = [
      { nodes: ['0.attn.q.99'], positions: 'all', kind: { kind: 'zero' } },
    ] as const;
    const request = runtime.trace(
      text,
      { token: 0 },
      { interventions: structuredClone(interventions) as never },
    );
    await expect(request).rejects.toThrow("node '0.attn.q.99': attn.q has channels 0 to 15");
    await expect(runtime.trace(text, { token: 999 })).rejects.toThrow(
      'token 999 is not in the text',
    );
  });

  it('lets a short request pass a long one', async () => {
    const order: string[] = [];
    const long = runtime.surprisal(longText('first')).then(() => order.push('long'));
    const short = runtime.trace(text, { token: 3 }).then(() => order.push('short'));
    await Promise.all([long, short]);
    expect(order).toEqual(['short', 'long']);
  });
});

describe('cancelling', () => {
  it('stops a request in its midst', async () => {
    const abort = new AbortController();
    let parts = 0;
    let total = 0;
    const request = runtime.surprisal(longText('second'), {
      signal: abort.signal,
      onProgress: (done, all) => {
        [parts, total] = [done, all];
        if (done === 3) abort.abort();
      },
    });
    await expect(request).rejects.toMatchObject({ name: 'AbortError' });
    expect(parts).toBe(3);
    expect(total).toBeGreaterThan(500);
    expect((await runtime.trace(text, { token: 0 })).position).toBe(0);
  });

  it('ends the work itself at the next pause', async () => {
    const replies: Reply[] = [];
    const server = new Server(
      { bundleDir, threads: 1, engine: 'onnx' as const, bundlesDir: null, expectedHash: null },
      (reply) => {
        replies.push(reply);
        const { type } = reply;
        if (type === 'progress' && reply.done === 3) void server.receive({ type: 'cancel', id: 7 });
      },
    );
    const params = { text: longText('direct'), interventions: [] };
    await server.receive({ type: 'call', id: 7, call: { method: 'surprisal', params } });
    expect(replies.map(({ type }) => type)).toEqual(['progress', 'progress', 'progress', 'error']);
    await server.receive({ type: 'close' });
  });

  it.each([' '.repeat(400_000), 'x = 1\n'.repeat(80_000)])(
    'stops within the tokens of a huge text',
    async (huge) => {
      const replies: Reply[] = [];
      const server = new Server(
        { bundleDir, threads: 1, engine: 'onnx' as const, bundlesDir: null, expectedHash: null },
        (reply) => replies.push(reply),
      );
      await server.receive({ type: 'call', id: 1, call: { method: 'info', params: null } });
      const call = { method: 'tokens', params: { text: huge } } as const;
      const answered = server.receive({ type: 'call', id: 2, call });
      for (let turn = 0; turn < 4; turn++) await setImmediate();
      await server.receive({ type: 'cancel', id: 2 });
      await answered;
      expect(replies.map(({ type }) => type)).toEqual(['result', 'error']);
      await server.receive({ type: 'close' });
    },
  );

  it('stops effects between batches', async () => {
    const abort = new AbortController();
    const request = runtime.effects(
      text,
      { token: 12 },
      {
        ablation: { kind: 'zero' },
        positions: 'all',
        signal: abort.signal,
        onProgress: () => {
          abort.abort();
        },
      },
    );
    await expect(request).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('refuses a request that was cancelled before it began', async () => {
    const signal = AbortSignal.abort();
    await expect(runtime.trace(text, { token: 0 }, { signal })).rejects.toMatchObject({
      name: 'AbortError',
    });
  });
});

describe('a worker that dies', () => {
  const dying = fileURLToPath(new URL('./dying-worker.mjs', import.meta.url));

  it('is replaced after a restart, and what was under way is told so', async () => {
    const lost = runtime.surprisal(longText('third'));
    const outcome = expect(lost).rejects.toThrow('the model was restarted; try again');
    await runtime.restart();
    await outcome;
    expect((await runtime.trace(text, { token: 2 })).position).toBe(2);
  });

  it.each([
    ['exit', "the model's thread ended early (code 3); try again"],
    ['throw', "the model's thread failed: out of luck; try again"],
  ])('on %s rejects everything under way and is replaced', async (death, message) => {
    const fragile = await Runtime.open(folder.dir, { workerFile: dying });
    const before = (await fragile.tokens('')) as unknown as { threadId: number };
    const waiting = expect(fragile.tokens('hang')).rejects.toThrow(message);
    await expect(fragile.tokens(death)).rejects.toThrow(new ModelLost(message));
    await waiting;
    const after = (await fragile.tokens('')) as unknown as { threadId: number };
    expect(after.threadId).toBeGreaterThan(before.threadId);
    await fragile.close();
  });

  it('frees its model before it ends, when a message is more than it can bear', async () => {
    const posted = vi.spyOn(Worker.prototype, 'postMessage');
    const failing = await Runtime.open(bundleDir, { workerFile, threads: 1 });
    const worker = posted.mock.contexts[0] as Worker;
    posted.mockRestore();
    const exit = once(worker, 'exit');
    const waiting = expect(failing.surprisal(longText('fifth'))).rejects.toThrow(
      /the model's thread failed: .*null.*; try again/,
    );
    worker.postMessage(null);
    await waiting;
    expect(await exit).toEqual([0]);
    expect((await failing.trace(text, { token: 2 })).position).toBe(2);
    await failing.close();
  });

  it('is not replaced by another model', async () => {
    const dir = join(folder.dir, 'changing');
    const parts = randomParts(vocabConfig());
    writeBundle(dir, parts);
    const changing = await Runtime.open(dir, { workerFile, threads: 1 });
    writeBundle(dir, randomParts(vocabConfig(), 2));
    await changing.restart();
    await expect(changing.tokens(text)).rejects.toThrow('has changed since it was opened');
    await changing.close();
  });
});

describe('closing', () => {
  it('rejects what is under way and whatever comes later', async () => {
    const closing = await Runtime.open(bundleDir, { workerFile, threads: 1 });
    const lost = expect(closing.surprisal(longText('fourth'))).rejects.toThrow(
      'the model was closed',
    );
    await closing.close();
    await lost;
    await expect(closing.tokens(text)).rejects.toThrow('the model was closed; open it again');
    await closing.close();
  });
});

describe('opening', () => {
  const open = (dir: string) => Runtime.open(dir, { workerFile, threads: 1 });

  it('refuses a folder that is not there', async () => {
    await expect(open(join(folder.dir, 'nothing'))).rejects.toThrow(/nothing.*\S/);
  });

  it('refuses a bundle that was cut short or changed', async () => {
    const dir = join(folder.dir, 'damaged');
    writeBundle(dir, randomParts(vocabConfig()));
    const weights = join(dir, 'weights.safetensors');
    const bytes = readFileSync(weights);
    bytes[bytes.length - 1] ^= 1;
    writeFileSync(weights, bytes);
    await expect(open(dir)).rejects.toThrow('was changed (its SHA-256 differs)');
    truncateSync(weights, bytes.length - 10);
    await expect(open(dir)).rejects.toThrow(`bytes instead of ${bytes.length}`);
  });

  it('refuses a tokenizer that is not the model’s', async () => {
    const dir = join(folder.dir, 'misfit');
    writeBundle(dir, randomParts(vocabConfig({ vocab: 100 })));
    await expect(open(dir)).rejects.toThrow('the tokenizer has 2048 tokens and the model 100');
  });
});
