import { describe, expect, it } from 'vitest';
import { abortError, isAbort } from '../../../extension/cancel';
import { Models } from '../../../extension/model/models';
import { Documents, tokenAtPlace, type Snapshot } from '../../../extension/trace/documents';
import { tokenView } from '../../../extension/trace/tokenView';
import { Traces } from '../../../extension/trace/traces';
import type { Intervention } from '../../../models/inference/interventions';
import { ModelLost } from '../../../models/runtime/modelThread';
import { type EffectsOptions, type Runtime } from '../../../models/runtime/runtime';
import { tinyConfig } from '../../support/models';
import { snapshotOf } from '../../support/snapshots';

const VOCAB = 40;
const config = tinyConfig({ vocab: VOCAB, context: 8 });
const silent = { info() {}, warn() {}, error() {}, debug() {} };
const ablation: Intervention = {
  nodes: ['0.mlp.post_act.3'],
  positions: 'all',
  kind: { kind: 'mean' },
};

/** A runtime whose tokens are characters and whose predictions are made up. */
function fakeRuntime(hash = 'a') {
  const calls: string[] = [];
  const failures: Error[] = [];
  const answer = <T>(call: string, result: T): Promise<T> => {
    calls.push(call);
    const failure = failures.shift();
    return failure ? Promise.reject(failure) : Promise.resolve(result);
  };
  const tokenTexts = Array.from({ length: VOCAB }, (_, id) => String.fromCharCode(96 + id));
  const runtime = {
    info: { name: 'fake', hash, config, tokenTexts, texts: tokenTexts, endOfText: VOCAB - 1 },
    tokens: (text: string) =>
      answer('tokens', {
        ids: Uint16Array.from(text, (char) => char.charCodeAt(0) % VOCAB),
        starts: Uint32Array.from(text, (_, i) => i),
        ends: Uint32Array.from(text, (_, i) => i + 1),
      }),
    trace: (_: string, { token }: { token: number }, { interventions = [] as unknown[] }) =>
      answer(`trace ${token} ${interventions.length}`, {
        logprobs: Float32Array.from({ length: VOCAB }, (_, id) => -1 - ((id + token) % VOCAB)),
        sites: [],
      }),
    effects: (_: string, { token }: { token: number }, { signal, onProgress }: EffectsOptions) => {
      onProgress?.(1, 2);
      const result = {
        ...{ target: token + 1, contrast: null },
        nodes: ['0.mlp.post_act.3'],
        activations: Float32Array.of(2),
        effects: Float32Array.of(-0.5),
        count: 1,
      };
      return new Promise((resolve, reject) => {
        signal?.addEventListener('abort', () => reject(abortError()));
        void answer(`effects ${token}`, result).then(resolve, reject);
      });
    },
    surprisal: (_: string, { range }: { range: { start: number; end: number } }) =>
      answer(`surprisal ${range.start} ${range.end}`, { surprisal: new Float32Array(1) }),
    close: () => Promise.resolve(),
  };
  return { runtime: runtime as unknown as Runtime, calls, failures };
}

const document = (text: string, version = 1) => ({
  ...{ uri: { toString: () => 'a.py' }, version, getText: () => text },
});

function parts(fake = fakeRuntime()) {
  const models = new Models(() => Promise.resolve(fake.runtime), silent);
  return { fake, models, documents: new Documents(models), traces: new Traces(models, 1 << 20) };
}
const at = (snapshot: Snapshot, token: number, interventions: Intervention[] = []) => ({
  ...{ snapshot, token, interventions },
});

describe('Documents', () => {
  it('encodes each version once and tells who listens', async () => {
    const { fake, documents } = parts();
    const heard: unknown[] = [];
    documents.encoded.on(({ before, after }) => heard.push([before?.version, after.version]));
    await Promise.all([documents.snapshot(document('ab')), documents.snapshot(document('ab'))]);
    await documents.snapshot(document('abc', 2));
    expect(fake.calls).toEqual(['tokens', 'tokens']);
    expect(heard).toEqual([
      [undefined, 1],
      [1, 2],
    ]);
  });

  it('finds tokens of CRLF documents by line and column', async () => {
    const { documents } = parts();
    const snapshot = await documents.snapshot(document('ab\r\ncd'));
    expect(snapshot.source.text).toBe('ab\ncd');
    expect(tokenAtPlace(snapshot, { line: 1, character: 0 })).toBe(3);
  });

  it('refuses documents that are too long, in one line', async () => {
    const { documents } = parts();
    await expect(documents.snapshot(document('x'.repeat(5e6)))).rejects.toThrow(/longer than/);
  });
});

describe('Traces', () => {
  it('asks once for the same tokens, also after an edit behind them', async () => {
    const { fake, documents, traces } = parts();
    await traces.trace(at(await documents.snapshot(document('abcdef')), 2));
    await traces.trace(at(await documents.snapshot(document('abcxyz', 2)), 2));
    expect(fake.calls.filter((call) => call.startsWith('trace'))).toEqual(['trace 2 0']);
    await traces.trace(at(await documents.snapshot(document('xbcxyz', 3)), 2));
    expect(fake.calls.filter((call) => call.startsWith('trace'))).toHaveLength(2);
  });

  it('tells interventions apart, and forgets a closed document', async () => {
    const { fake, documents, traces } = parts();
    const snapshot = await documents.snapshot(document('abcdef'));
    await traces.trace(at(snapshot, 2));
    await traces.trace(at(snapshot, 2, [ablation]));
    traces.close('a.py');
    await traces.trace(at(snapshot, 2));
    expect(fake.calls.slice(1)).toEqual(['trace 2 0', 'trace 2 1', 'trace 2 0']);
  });

  it('measures effects once for all who ask at the same time, and later not again', async () => {
    const { fake, documents, traces } = parts();
    const where = at(await documents.snapshot(document('abcdef')), 2);
    const question = { target: 3, contrast: null };
    const heard: number[][] = [];
    const { signal } = new AbortController();
    const asked = [
      traces.effects(where, question, { signal }),
      traces.effects(where, question, { signal, onProgress: (...parts) => heard.push(parts) }),
    ];
    const [one, other] = await Promise.all(asked);
    const nodes = [{ node: '0.mlp.post_act.3', activation: 2, effect: -0.5 }];
    expect(one).toEqual({ ...question, nodes });
    expect(other).toEqual(one);
    expect(await traces.effects(where, question)).toEqual(one);
    expect(fake.calls).toEqual(['tokens', 'effects 2']);
    await traces.effects(where, question, { count: 8 });
    await traces.effects(where, { ...question, contrast: 1 });
    expect(fake.calls).toHaveLength(4);
  });

  it('goes on with effects as long as one of those who asked wants them', async () => {
    const { fake, documents, traces } = parts();
    const where = at(await documents.snapshot(document('abcdef')), 2);
    const question = { target: 3, contrast: null };
    const [first, second] = [new AbortController(), new AbortController()];
    const one = traces.effects(where, question, { signal: first.signal });
    const other = traces.effects(where, question, { signal: second.signal });
    first.abort();
    expect(await one.catch(isAbort)).toBe(true);
    expect((await other).target).toBe(3);

    const next = { ...where, token: 3 };
    const alone = new AbortController();
    const cancelled = traces.effects(next, question, { signal: alone.signal });
    alone.abort();
    expect(await cancelled.catch(isAbort)).toBe(true);
    expect((await traces.effects(next, question)).target).toBe(4);
    expect(fake.calls).toEqual(['tokens', 'effects 2', 'effects 3', 'effects 3']);
  });

  it('scans whole windows, so that scrolling asks for the same again', async () => {
    const { fake, documents, traces } = parts();
    const snapshot = await documents.snapshot(document('abcdefghijklmnopqrst'));
    const { signal } = new AbortController();
    for (const [start, end] of [
      [0, 3],
      [8, 10],
      [9, 11],
      [15, 20],
    ]) {
      await traces.surprisal(snapshot, { start, end }, [], signal);
    }
    expect(fake.calls.slice(1)).toEqual([
      'surprisal 0 8',
      'surprisal 8 12',
      'surprisal 8 12',
      'surprisal 12 20',
    ]);
  });

  it('reads surprise before the token and the prediction after it', async () => {
    const { documents, traces } = parts();
    const snapshot = await documents.snapshot(document('abc'));
    const view = await tokenView(traces, at(snapshot, 1, [ablation]), 5);
    expect(view.surprise.rank).toBe(1 + (snapshot.encoding.ids[1] % VOCAB));
    expect(view.surpriseBefore).toEqual(view.surprise);
    expect(view.candidates[0].text).toBe(String.fromCharCode(96 + VOCAB - 1));
    expect(view.candidates.filter(({ observed }) => observed)).toHaveLength(1);
  });
});

it('shows the whole character of which a token is a part, and which part', async () => {
  const { models, traces } = parts();
  await models.info();
  const source = snapshotOf('a🎈b', { hash: 'a' });
  const { info } = source;
  const snapshot: Snapshot = {
    ...source,
    info: {
      ...info,
      tokenTexts: ['a', '\\xf0', '\\x9f', '\\x8e', 'b', ...Array<string>(40).fill('')],
      texts: ['a', null, null, null, 'b', ...Array<string>(40).fill('')],
    },
    encoding: {
      ids: Uint16Array.of(0, 1, 2, 3, 4),
      starts: Uint32Array.of(0, 1, 3, 3, 3),
      ends: Uint32Array.of(1, 3, 3, 3, 4),
    },
  };
  const shown = async (token: number) => {
    const { text, part } = await tokenView(traces, at(snapshot, token), 5);
    return [text, part];
  };
  expect(await shown(0)).toEqual(['a', null]);
  expect(await shown(1)).toEqual(['🎈', { index: 0, count: 3 }]);
  expect(await shown(3)).toEqual(['🎈', { index: 2, count: 3 }]);
  expect(await shown(4)).toEqual(['b', null]);
});

describe('Models', () => {
  it('tells the log of a model once, and of requests only who asks for all', async () => {
    const lines: string[] = [];
    const note = (level: string) => (message: string) => lines.push(`${level} ${message}`);
    const log = { info: note('info'), warn: note('warn'), error: note('error'), debug: note('debug') }; // prettier-ignore
    const models = new Models(() => Promise.resolve(fakeRuntime().runtime), log);
    for (let i = 0; i < 3; i++) await models.use('trace', () => Promise.resolve());
    expect(lines.filter((line) => line.startsWith('info'))).toEqual([
      expect.stringMatching(/loaded in \d+ ms$/),
    ]);
    expect(lines.filter((line) => line.startsWith('debug trace'))).toHaveLength(3);
  });

  it('tries once more when the thread was lost', async () => {
    const { fake, documents } = parts();
    fake.failures.push(new ModelLost("the model's thread ended early (code 1); try again"));
    await documents.snapshot(document('ab'));
    expect(fake.calls).toEqual(['tokens', 'tokens']);
  });

  it('does not go by what an error says', async () => {
    const { fake, documents } = parts();
    fake.failures.push(new Error('the text is too strange; try again'));
    await expect(documents.snapshot(document('ab'))).rejects.toThrow('too strange');
    expect(fake.calls).toEqual(['tokens']);
  });

  it('cancels what is under way when another model is chosen', async () => {
    const { models } = parts();
    let lose: (error: Error) => void = () => undefined;
    const lost = models.use('x', () => new Promise((_, reject) => (lose = reject)));
    await Promise.resolve();
    await models.reset();
    lose(new Error('the model was closed; open it again'));
    expect(await lost.catch(isAbort)).toBe(true);
    expect(models.state.kind).toBe('idle');
  });

  it('gives the memory of a model back that nobody asks for, and loads it again', async () => {
    const fake = fakeRuntime();
    let [opened, closed, replaced] = [0, 0, 0];
    Object.assign(fake.runtime, { close: () => Promise.resolve(void closed++) });
    const open = () => Promise.resolve((opened++, fake.runtime));
    const models = new Models(open, silent, 20);
    models.replaced.on(() => replaced++);
    let done: () => void = () => undefined;
    const long = models.use('x', () => new Promise<void>((resolve) => (done = resolve)));
    await new Promise((resolve) => setTimeout(resolve, 60));
    // A request under way keeps it.
    expect([opened, closed]).toEqual([1, 0]);
    done();
    await long;
    await expect.poll(() => closed).toBe(1);
    expect(models.state.kind).toBe('idle');
    await models.use('x', () => Promise.resolve());
    expect([opened, replaced]).toEqual([2, 0]);
    expect(models.state.kind).toBe('ready');
    await models.reset();
  });

  it('says once that loading failed, and tries again after a reset only', async () => {
    let opened = 0;
    const open = () => Promise.reject(new Error(`no bundle ${++opened}`));
    const models = new Models(open, silent);
    const use = () => models.use('x', () => Promise.resolve());
    await expect(use()).rejects.toThrow('no bundle 1');
    await expect(use()).rejects.toThrow('no bundle 1');
    expect(models.state).toEqual({ kind: 'failed', message: 'no bundle 1' });
    await models.reset();
    await expect(use()).rejects.toThrow('no bundle 2');
  });
});
