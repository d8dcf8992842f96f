/** Files of a workspace with bytes changed or parts replaced: read as something valid, or refused in one line. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { experiment } from '../../../extension/circuits/experiment';
import { checkFits, readKnown } from '../../../extension/circuits/known';
import { setFromJson, setToJson, type FileNames } from '../../../extension/interventions/json';
import { activeIn, entryOf, type SetState } from '../../../extension/interventions/entry';
import { InterventionStore } from '../../../extension/interventions/store';
import {
  checkModel,
  circuitText,
  parseCircuit,
  readCircuit,
} from '../../../models/circuits/file/circuitFile';
import { compileInterventions } from '../../../models/inference/interventions';
import { promptsOf } from '../../../models/tasks/prompts';
import { readPairs } from '../../../models/tasks/source';
import { Tokenizer } from '../../../models/tokenizer/tokenizer';
import { sampleCircuit, sampleProof } from '../../support/circuits';
import { randomMeans, tinyConfig } from '../../support/models';
import { snapshotOf } from '../../support/snapshots';
import { damages, json, mutations, SEED, texts } from './arbitraries';

const folder = mkdtempSync(join(tmpdir(), 'circuitscope-fuzz-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const config = tinyConfig();
const means = randomMeans(config, 1);
const options = { seed: SEED, numRuns: 400 };

const snapshot = snapshotOf('a = b + c\nprint(a, b, c)\n');
const files: FileNames = { fileOf: () => 'a.py', uriOf: () => snapshot.uri };
const reading = { info: snapshot.info, snapshot, files };

/** What is read, or undefined when it is refused in one line that begins with the file's name. */
function readOrRefuse<T>(read: () => T, where = ''): T | undefined {
  try {
    return read();
  } catch (error) {
    // Without `expect`, which would take longer than all the rest.
    const proper =
      error instanceof Error &&
      error.name === 'Error' &&
      /^[^\r\n]{5,}$/.test(error.message) &&
      error.message.startsWith(where);
    if (!proper) throw error;
    return undefined;
  }
}

/** Whatever is accepted can be compiled for a model, or the model says why not. */
function expectHarmless(state: SetState | undefined): void {
  if (!state) return;
  const interventions = activeIn(state, snapshot);
  const range = { start: -1, end: 6 };
  const edits = readOrRefuse(() => compileInterventions(interventions, { config, means }, range));
  for (const { keep, add } of edits?.values() ?? []) {
    expect(keep.every(Number.isFinite) && add.every(Number.isFinite)).toBe(true);
  }
}

describe('an intervention set', () => {
  const set: SetState = {
    name: 'commas off',
    entries: [
      { nodes: ['0.attn.v.1'], positions: 'all' as const, kind: { kind: 'mean' as const } },
      {
        nodes: ['1.mlp.post_act.3', '0.attn.q.0'],
        positions: { at: 2 },
        kind: { kind: 'patch' as const, values: [1, -0.5] },
      },
      {
        ...{ nodes: ['1.mlp.post_act.3'], positions: { from: -1 } },
        kind: { kind: 'scale' as const, scale: 2.5 },
      },
    ].map((intervention) => entryOf(intervention, snapshot)),
  };
  const text = setToJson(set, snapshot.info, files);

  it('comes back as it was', () => {
    expect(setToJson(setFromJson(text, 'set', reading), snapshot.info, files)).toBe(text);
  });

  it('is refused or harmless, for every changed byte and every cut', () => {
    for (const bytes of damages(Buffer.from(text))) {
      const damaged = new TextDecoder().decode(bytes);
      expectHarmless(readOrRefuse(() => setFromJson(damaged, 'set.json', reading), 'set.json'));
    }
  });

  it('is refused or harmless, with parts replaced, removed or added', () => {
    fc.assert(
      fc.property(mutations(JSON.parse(text)), (value) => {
        const changed = JSON.stringify(value);
        expectHarmless(readOrRefuse(() => setFromJson(changed, 'set.json', reading), 'set.json'));
      }),
      options,
    );
  });

  it('that is remembered is read or given up, with one line that says so', () => {
    const remembered = { name: 'mine', entries: set.entries };
    fc.assert(
      fc.property(fc.oneof(mutations(remembered), json), (value) => {
        const lost: string[] = [];
        const memory = { get: () => value, update: () => Promise.resolve() };
        const store = new InterventionStore(memory, (line) => lost.push(line));
        if (lost.length > 0) {
          expect(lost).toEqual([expect.stringMatching(/^[^\r\n]+$/)]);
          expect(store.state.entries).toEqual([]);
        }
        expectHarmless(store.state);
      }),
      options,
    );
  });
});

describe('a file of pairs', () => {
  const tokenizer = Tokenizer.load('models/bundles/python-sparse/tokenizer.json');
  const pair = {
    a: { prompt: 'print("é', answer: '")' },
    b: { prompt: "print('é", answer: "')" },
  };
  const file = join(folder, 'pairs.jsonl');
  const read = (content: string | Uint8Array) => {
    writeFileSync(file, content);
    const source = readOrRefuse(() => readPairs(file), file);
    if (!source) return;
    for (const part of ['masks', 'selection', 'proof'] as const) {
      const pairs = source.pairs(1, 10, part);
      const where = (i: number) => pairs[i].where;
      const only = pairs.map(({ pair: one }) => one);
      readOrRefuse(() => promptsOf(only, { tokenizer, context: 24, where }), file);
    }
  };

  it('is refused or harmless, for every changed byte and every cut', () => {
    const lines = `${JSON.stringify(pair)}\r\n${JSON.stringify({ a: pair.b, b: pair.a })}\n`;
    for (const bytes of damages(Buffer.from(lines))) read(bytes);
  });

  it('is refused or harmless, with parts replaced, removed or added, and with any text', () => {
    const lines = fc.oneof(
      mutations(pair).map((value) => JSON.stringify(value)),
      fc.tuple(texts(), texts(3)).map(([prompt, answer]) => {
        return JSON.stringify({ a: { prompt, answer }, b: { prompt: answer, answer: prompt } });
      }),
    );
    fc.assert(fc.property(lines, read), options);
  });
});

describe('a circuit', () => {
  const hash = 'a5'.repeat(32);
  const circuit = sampleCircuit({
    bundle: { name: 'tiny', hash },
    pairs: { file: 'pairs.jsonl', sha256: hash },
    core: ['0.attn.v.1', '0.attn.resid_delta.2'],
    edges: [{ from: '0.attn.v.1', to: '0.attn.resid_delta.2', weight: -0.125 }],
    proof: sampleProof(),
  });
  const model = { name: 'tiny', hash, config };
  const file = join(folder, 'circuit.json');

  it('comes back as it was', () => {
    expect(parseCircuit(JSON.parse(circuitText(circuit)), 'circuit')).toEqual(circuit);
  });

  it.each([
    ['steps', 1e15],
    ['steps', 0],
    ['runs', 1e15],
    ['pairs', { masks: 1e15, selection: 1 }],
  ] as const)('whose %s would keep a proof busy without end is refused', (field, value) => {
    const settings = { ...circuit.search!.settings, [field]: value };
    const absurd = { ...circuit, search: { ...circuit.search, settings } };
    expect(() => parseCircuit(absurd, 'it')).toThrow(`it: search.settings.${field}`);
  });

  it('is refused or harmless, for every changed byte and every cut', () => {
    for (const bytes of damages(Buffer.from(circuitText(circuit)))) {
      writeFileSync(file, bytes);
      const read = readOrRefuse(() => readCircuit(file), file);
      if (read) readOrRefuse(() => checkModel(read, model, file), file);
    }
  });

  it('in a workspace is used or has a problem that one line says', () => {
    const info = { ...model, tokenTexts: [], texts: [], endOfText: 0, bridgedTo: null };
    const source = {
      ...({ name: 'mine', origin: 'kept', where: 'mine.json' } as const),
      beside: () => Promise.resolve(null),
    };
    fc.assert(
      fc.property(fc.oneof(mutations(circuit), json), texts(2), (value, more) => {
        const known = readKnown(JSON.stringify(value) + more, source);
        if ('problem' in known) {
          expect(known.problem).toMatch(/^mine\.json[^\r\n]+$/);
          return;
        }
        const fits = readOrRefuse(() => {
          checkFits(known, info);
          return true;
        }, 'mine.json');
        if (!fits) return;
        for (const question of ['necessary', 'sufficient'] as const) {
          expectHarmless(experiment(known, question, { ...snapshot.info, ...info }));
        }
      }),
      options,
    );
  });

  it('is refused or harmless, with parts replaced, removed or added', () => {
    fc.assert(
      fc.property(fc.oneof(mutations(circuit), json), (value) => {
        const data: unknown = JSON.parse(JSON.stringify(value));
        const read = readOrRefuse(() => parseCircuit(data, file), file);
        if (read) readOrRefuse(() => checkModel(read, model, file), file);
      }),
      options,
    );
  });
});
