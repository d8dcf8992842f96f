import { describe, expect, it } from 'vitest';
import { contentOf, shownNodes, type Detail } from '../../../extension/hover/content';
import { HoverWork } from '../../../extension/hover/work';
import { InterventionStore } from '../../../extension/interventions/store';
import { isAbort } from '../../../extension/cancel';
import { Models } from '../../../extension/model/models';
import { meaningOf } from '../../../extension/nodes/meaning';
import { Documents } from '../../../extension/trace/documents';
import { Traces } from '../../../extension/trace/traces';
import type { EffectsOptions, Runtime } from '../../../models/runtime/runtime';
import type { Names } from '../../../extension/nodes/names';
import { sampleLabel, sampleLabels } from '../../support/labels';
import { snapshotOf } from '../../support/snapshots';

const silent = { info() {}, warn() {}, error() {}, debug() {} };
const TEXT = 'abcdef';
const place = { uri: 'file:///a.py', line: 0, character: 0 };
/** Of the token ids, by the characters of the text: 5 is likeliest after everything. */
const LOGPROBS = Float32Array.of(-5, -4, -3, -2, -6, -1, -7);

/** Hovers on a model that answers when it is let, and the effects that were asked for. */
function parts() {
  const asked: Pick<EffectsOptions, 'target' | 'contrast' | 'top'>[] = [];
  const done: Pick<EffectsOptions, 'ablation' | 'positions'>[] = [];
  const gate = { wait: Promise.resolve() };
  const { encoding, info } = snapshotOf(TEXT, { split: /./g });
  const runtime = {
    info,
    tokens: () => Promise.resolve(encoding),
    trace: () =>
      Promise.resolve({
        logprobs: LOGPROBS,
        sites: [
          { site: '0.mlp.post_act', indices: Int32Array.of(3, 4), values: Float32Array.of(2, 1) },
        ],
      }),
    effects: (_: string, __: object, { signal, target, contrast, top, ...how }: EffectsOptions) => {
      done.push({ ablation: how.ablation, positions: how.positions });
      asked.push({ target, contrast, top } as (typeof asked)[number]);
      const nodes = ['0.mlp.post_act.3', '0.mlp.post_act.4', '0.attn.v.1', '0.attn.v.2'];
      return new Promise((resolve, reject) => {
        signal?.addEventListener('abort', () => {
          reject(new DOMException('', 'AbortError'));
        });
        void gate.wait.then(() => {
          resolve({
            ...{ target, contrast: contrast ?? null, nodes },
            activations: Float32Array.of(2, 1, 1, 1),
            effects: Float32Array.of(-0.5, 0.4, 0.3, 0.2),
            count: 4,
          });
        });
      });
    },
  } as unknown as Runtime;
  const models = new Models(() => Promise.resolve(runtime), silent);
  const documents = new Documents(models);
  const memory = { get: () => undefined, update: () => Promise.resolve() };
  const store = new InterventionStore(memory, () => undefined);
  const traces = new Traces(models, 1 << 20);
  const document = { uri: { toString: () => 'file:///a.py' }, version: 1, getText: () => TEXT };
  return { asked, done, gate, document, work: new HoverWork({ documents, traces, store }) };
}
const at = (character: number) => ({ line: 0, character });

describe('the token under the pointer', () => {
  it('is asked about by what the model predicts, and against what the file has', async () => {
    const { asked, document, work } = parts();
    const token = (await work.pointed(document, at(1)))!;
    expect([token.why, token.whyNot]).toEqual([
      { target: 5, contrast: null },
      { target: 5, contrast: 2 },
    ]);
    await token.leading();
    await token.leading(token.whyNot!);
    expect(asked).toEqual([
      { target: 5, top: 64 },
      { target: 5, contrast: 2, top: 64 },
    ]);
    // The last but one is followed by what is predicted.
    expect((await work.pointed(document, at(4)))!.whyNot).toBeNull();
  });

  it('ends what was measured of the one before, and nothing that a command asked for', async () => {
    const { gate, document, work } = parts();
    let open: () => void = () => undefined;
    gate.wait = new Promise((resolve) => (open = resolve));
    const command = (await work.own(document, at(1)))!.leading();
    const hover = (await work.pointed(document, at(2)))!.leading();
    // The same token again is the same question.
    const again = (await work.pointed(document, at(2)))!.leading();
    await work.pointed(document, at(3));
    expect(await hover.catch(isAbort)).toBe(true);
    expect(await again.catch(isAbort)).toBe(true);
    open();
    expect((await command).nodes).toHaveLength(4);
  });
});

const bundled = sampleLabels(['a name'], {
  '0.mlp.post_act.3': { positive: sampleLabel([1]) },
  '0.mlp.post_act.4': { negative: sampleLabel([1]) },
});
const unnamed: Names = { given: new Map(), bundled: null };

describe('what a hover says', () => {
  const say = async (detail: Detail, names: Names = unnamed) => {
    const { document, done, work } = parts();
    const token = (await work.pointed(document, at(1)))!;
    const effects = await token.leading();
    const meanings = new Map([['0.mlp.post_act.3', '→ ‘x’']]);
    const content = contentOf(token, place, { effects, meanings, names, detail });
    return { content, done, shown: shownNodes(effects, detail) };
  };

  it('is the prediction, three nodes with what they are about, and what the numbers are', async () => {
    const { content, done, shown } = await say('compact');
    expect(content.rows.map(({ node, meaning }) => [node, meaning])).toEqual([
      ['0.mlp.post_act.3', '→ ‘x’'],
      ['0.mlp.post_act.4', null],
      ['0.attn.v.1', null],
    ]);
    expect(shown).toHaveLength(3);
    expect(content.whyNot?.text).toBe('c');
    expect(content.note).toMatch(
      /^Effect: measured change in the log-probability of f .* when the node is set to its mean at this token\.$/,
    );
    // As it was measured, and as "ablate" does it unless people say otherwise.
    expect(done).toEqual([{ ablation: { kind: 'mean' }, positions: 'here' }]);
    // Three likeliest; the file's token is one of them.
    expect(content.view.candidates.map(({ text }) => text)).toEqual(['f', 'd', 'c']);
  });

  it('is more in full, and a label that a person gave stands before all, in quotes', async () => {
    const given = new Map([['0.mlp.post_act.3', 'opens a list']]);
    const { content } = await say('full', { given, bundled });
    expect(content.rows.map(({ meaning }) => meaning)).toEqual([
      '“opens a list”',
      null,
      null,
      null,
    ]);
    expect(content.rows[0].scores).toBeNull();
    expect(content.view.candidates).toHaveLength(5);
    expect(content.note).toContain('highest of 2 active nodes');
  });

  it('knows how good the label of the model is, for the sign of the activation', async () => {
    const { content } = await say('compact', { given: new Map(), bundled });
    expect(content.rows.map(({ scores }) => scores?.slice(0, 10) ?? null)).toEqual([
      ...['AUROC 0.90', null, null],
    ]);
  });

  it('is the prediction alone while effects are measured', async () => {
    const { document, work } = parts();
    const token = (await work.pointed(document, at(1)))!;
    const known = { meanings: new Map(), names: unnamed, detail: 'compact' } as const;
    const { rows, note } = contentOf(token, place, { effects: null, ...known });
    expect(rows).toEqual([]);
    expect(note).toContain('Hover again');
  });
});

it('calls a node by what it reads and raises, in the direction of its activation', () => {
  const tokenTexts = ['def', ':', '(', ')', '\\xd8'];
  const texts = { tokenTexts, texts: [...tokenTexts.slice(0, -1), null] };
  const of = (id: number) => [{ id, weight: 1 }];
  const facts = {
    excitedBy: of(0),
    promotes: of(1),
    inhibitedBy: of(2),
    suppresses: of(3),
  };
  const none = { excitedBy: [], promotes: [], inhibitedBy: [], suppresses: [] };
  expect(meaningOf(facts, 2, texts)).toBe('‘def’ → ‘:’');
  expect(meaningOf(facts, -2, texts)).toBe('‘(’ → ‘)’');
  expect(meaningOf({ ...facts, promotes: [] }, 2, texts)).toBe('reads ‘def’');
  expect(meaningOf({ ...facts, excitedBy: [] }, 2, texts)).toBe('→ ‘:’');
  expect(meaningOf({ ...none, promotes: of(4) }, 2, texts)).toBe('→ ‘\\xd8’ (part of a character)');
  expect(meaningOf(none, 2, texts)).toBe('');
});
