/** Verify a Circuit: a page that is there at once, fills as results come, and what becomes of the proof. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Proof } from '../../../models/circuits/file/schema';
import {
  openFolders,
  pageProviders,
  reset,
  seen,
  TabInputWebview,
  type Uri,
  window,
  workspace,
} from '../../support/fakeEditor';

/** What the thread does: it reports parts, and ends with a proof or an error. */
let prove: (onPart: (part: Proof) => void) => Promise<Proof>;
vi.mock('vscode', () => import('../../support/fakeEditor'));
vi.mock('../../../models/circuits/inWorker', () => ({
  proveInWorker: (_: unknown, __: unknown, onPart: (part: Proof) => void) => prove(onPart),
}));
const { abortError, isAbort } = await import('../../../extension/cancel');
const { drawnOf } = await import('../../../extension/circuits/drawn');
const { CircuitJobs } = await import('../../../extension/circuits/jobs');
const { CircuitLibrary } = await import('../../../extension/circuits/library');
const { MarkdownPages } = await import('../../../extension/circuits/pages');
const { circuitNamed } = await import('../../../extension/circuits/show');
const { verifyCircuit } = await import('../../../extension/commands/verifyCircuit');
const { Models } = await import('../../../extension/model/models');
const { readCircuit, writeCircuit } = await import('../../../models/circuits/file/circuitFile');
const { sampleCircuit, sampleProof } = await import('../../support/circuits');
const { fakeRuntime } = await import('../panel/fakeModel');

const circuit = sampleCircuit({});
const HASH = circuit.bundle.hash;
const log = { info() {}, warn() {}, error() {}, debug() {} };
const quotes = { circuit: 'quotes' };

let dir: string, bundle: string, own: string;
beforeEach(() => {
  reset();
  dir = mkdtempSync(join(tmpdir(), 'circuitscope-verify-'));
  [bundle, own] = ['bundle', 'own'].map((name) => join(dir, name));
  mkdirSync(join(bundle, 'circuits'), { recursive: true });
  mkdirSync(join(own, '.circuitscope', 'circuits'), { recursive: true });
  writeFileSync(join(bundle, 'bundle.json'), '{}');
  openFolders(own);
  prove = () => Promise.resolve(sampleProof());
});
afterEach(() => {
  rmSync(dir, { recursive: true });
});
const shippedFile = () => join(bundle, 'circuits', 'quotes.json');
const keptFile = () => join(own, '.circuitscope', 'circuits', 'quotes.json');

/** The command on a circuit of a file, the parts it works on, and what its page says. */
function verifying(file: string, proofs: readonly Proof[] = []) {
  const [proof = null, ...repeats] = proofs;
  writeCircuit(file, { ...circuit, proof, repeats });
  const models = new Models(() => Promise.resolve(fakeRuntime(HASH).runtime), log);
  const circuits = new CircuitLibrary(() => bundle);
  const pages = new MarkdownPages();
  const circuitJobs = new CircuitJobs('worker.js', () => 1);
  const parts = { models, circuits, circuitJobs, pages } as unknown as Parameters<
    typeof verifyCircuit.run
  >[0];
  return {
    ...{ models, circuits, pages },
    run: () => verifyCircuit.run(parts, quotes),
    known: () => circuitNamed({ models, circuits }, { name: 'quotes' }),
  };
}
/** What the page says that was opened. */
const page = () => {
  const uri = seen.commands[0][1] as Uri;
  return pageProviders.get(uri.scheme)!.provideTextDocumentContent(uri);
};
const factsOf = async (known: Parameters<typeof drawnOf>[0]) =>
  Object.fromEntries((await drawnOf(known)).facts);

describe('the page', () => {
  it('is one tab beside the text, and no document that somebody would have to save', async () => {
    const { run, pages } = verifying(shippedFile());
    await run();
    expect(seen.commands.map(([id]) => id)).toEqual(['markdown.showPreviewToSide']);
    expect(page()).toContain('# The circuit quotes');
    expect(seen.documents).toEqual([]);
    const [, uri] = seen.commands[0] as [string, Uri];
    expect(['file', 'untitled']).not.toContain(uri.scheme);
    pages.dispose();
    expect(pageProviders.size).toBe(0);
  });

  it('is one tab where the panel is, and leaves the keyboard where it was', async () => {
    const input = new TabInputWebview('mainThreadWebview-circuitscope.circuit');
    window.tabGroups.all = [
      { tabs: [], viewColumn: 1 },
      { tabs: [{ input }], activeTab: { input }, viewColumn: 2 },
    ];
    await verifying(shippedFile()).run();
    expect(seen.commands).toHaveLength(1);
    const [[id, , editor, where]] = seen.commands;
    expect([id, editor]).toEqual(['vscode.openWith', 'vscode.markdown.preview.editor']);
    expect(where).toEqual({ viewColumn: 2, preserveFocus: true });
  });

  it('opens with the proof that the circuit has, before anything is measured', async () => {
    const { run } = verifying(shippedFile(), [
      sampleProof({ core: { loss: 0.0321 } }, { seed: 2 }),
    ]);
    let before = '';
    prove = () => {
      before = page();
      return Promise.resolve(sampleProof());
    };
    await run();
    expect(before).toContain('Being measured with seed 1');
    expect(before).toContain('The verdict is by what was kept, of seed 2.');
    expect(before).toContain(
      '| sufficient | loss of the core alone | 0.032 | at most 0.150 | yes |',
    );
    expect(before).toContain('### Every task without the cut, seed 2');
  });

  it('fills as results come, one step after the other', async () => {
    const whole = sampleProof();
    const { run } = verifying(shippedFile());
    const texts: string[] = [];
    prove = (onPart) => {
      for (const count of [2, 5]) {
        const measurements = whole.measurements.slice(0, count);
        onPart({ ...whole, measurements, counts: [], curves: [], selective: [] });
        texts.push(page());
      }
      return Promise.resolve(whole);
    };
    await run();
    const core = '| sufficient | loss of the core alone | 0.120 |';
    const adversary = /\| robust \| loss with .* adversary chooses \| 0\.150 \|/;
    expect(texts[0]).toContain(core);
    expect(texts[0]).toContain('| … |');
    expect(texts[0]).not.toMatch(adversary);
    expect(texts[1]).toMatch(adversary);
    for (const text of texts) expect(text).toContain('Measured, seed 1, partial');
    expect(page()).not.toContain('…');
    expect(page()).not.toContain('partial');
    expect(page()).toContain('Measured with seed 1, and kept until this window is closed.');
    expect(seen.commands).toHaveLength(1);
  });

  it('keeps what was measured before it was cancelled, and says that it is partial', async () => {
    const whole = sampleProof({ core: { loss: 0.0321 } });
    const { run, known } = verifying(shippedFile());
    prove = (onPart) => {
      onPart({ ...whole, measurements: whole.measurements.slice(0, 2) });
      return Promise.reject(abortError());
    };
    expect(await run().catch(isAbort)).toBe(true);
    expect(page()).toContain('Cancelled: what was measured with seed 1 by then is **partial**');
    expect(page()).toContain('| the set core | 2 | 0.032 |');
    expect(page()).toContain('NOT JUDGED');
    expect((await known()).circuit.proof).toBeNull();
  });

  it('says what a cancelled proof does not change, and when nothing was measured', async () => {
    const { run } = verifying(shippedFile(), [sampleProof({}, { seed: 2 })]);
    prove = () => Promise.reject(abortError());
    expect(await run().catch(isAbort)).toBe(true);
    expect(page()).toContain(
      'Cancelled before anything was measured. The verdict is by what was kept, of seed 2.',
    );
    expect(page()).toContain('**The circuit is sufficient, robust');
  });

  it('says that an error ended it, which is passed on', async () => {
    const { run } = verifying(shippedFile());
    prove = () => Promise.reject(new Error('no memory'));
    await expect(run()).rejects.toThrow('no memory');
    expect(page()).toContain('Ended by an error before anything was measured. No proof is kept.');
  });
});

describe('a new proof', () => {
  it('of a shipped circuit is known for as long as the window is open', async () => {
    const { run, known, circuits } = verifying(shippedFile());
    expect(await factsOf(await known())).toMatchObject({ proof: 'none yet; verify it' });
    circuits.show(await known());
    await run();
    const facts = await factsOf(await known());
    expect(facts).not.toHaveProperty('proof');
    expect(Object.values(facts)).toContain('✓');
    expect(circuits.shown!.circuit.proof).toEqual(sampleProof());
    expect(readCircuit(shippedFile()).proof).toBeNull();
    // Another circuit in its place has no proof.
    writeCircuit(shippedFile(), { ...circuit, backups: [], cut: ['0.attn.v.1'] });
    expect((await known()).circuit.proof).toBeNull();
  });

  it('of a circuit that the workspace keeps is saved in its file', async () => {
    const { run, known, circuits } = verifying(keptFile());
    await run();
    expect(readCircuit(keptFile()).proof).toEqual(sampleProof());
    expect(page()).toContain('and saved in .circuitscope/circuits/quotes.json.');
    const { name, origin } = await known();
    // The file tells from now on.
    expect(circuits.verdict({ name, origin, model: HASH })).toBeUndefined();
    expect((await known()).circuit.proof).toEqual(sampleProof());
  });

  it('is not written in a workspace that is not trusted', async () => {
    const { run, known } = verifying(keptFile());
    workspace.isTrusted = false;
    await run();
    expect(readCircuit(keptFile()).proof).toBeNull();
    expect(page()).toContain('kept until this window is closed');
    expect((await known()).circuit.proof).toEqual(sampleProof());
  });

  it('of another seed counts beside the one that was kept, and none is lost', async () => {
    const failed = sampleProof({ adversary: { loss: 12.5 } }, { seed: 2 });
    const { run } = verifying(keptFile(), [failed]);
    await run();
    const { proof, repeats } = readCircuit(keptFile());
    expect([proof, ...repeats]).toEqual([failed, sampleProof()]);
    expect(page()).toContain('beside that of seed 2.');
    expect(page()).toContain('12.500, wanted at most 0.150');
    expect(page()).toContain('| 0.150 | 12.500 | at most 0.150 | **no** |');
    expect(page()).toContain('Of 2 seeds the worst numbers count.');
  });

  it('of the same seed takes the place of the earlier one, which the page says', async () => {
    const earlier = sampleProof({ core: { loss: 0.01 } });
    const other = sampleProof({}, { seed: 2 });
    const { run } = verifying(keptFile(), [other, earlier]);
    await run();
    const { proof, repeats } = readCircuit(keptFile());
    expect([proof, ...repeats]).toEqual([other, sampleProof()]);
    expect(page()).toContain('in the place of the earlier proof of seed 1 beside that of seed 2.');
  });

  it('that the time limit stopped takes the place of no complete one', async () => {
    const complete = sampleProof();
    const { run } = verifying(keptFile(), [complete]);
    prove = () => Promise.resolve(sampleProof({}, { seed: 1, stopped: true, measurements: [] }));
    await run();
    expect(readCircuit(keptFile()).proof).toEqual(complete);
    expect(page()).toContain('The time limit stopped the proof of seed 1');
    expect(page()).toContain('**The circuit is sufficient, robust');
  });
});
