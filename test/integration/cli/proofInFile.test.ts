/** What `verify --write` and `verify --kept` do with the proofs in files. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { readBundle } from '../../../models/bundles/bundle';
import { circuitText, readCircuit } from '../../../models/circuits/file/circuitFile';
import type { Proof } from '../../../models/circuits/file/schema';
import { knownCircuit } from '../../e2e/knownCircuitFile';
import { sampleProof } from '../../support/circuits';
import { knownParts, knownTaskPairs } from '../circuits/known';
import { built } from '../runtime/built';
import { bundleIn } from '../runtime/bundles';
import { pairsText } from '../../../models/tasks/source';
import { Program } from './program';

// Each test starts a few processes, and the machine may be busy.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

let program: Program;
let bundle: string;
let pairs: string;
const failure = (...args: string[]) => program.failure(...args, '--bundle', bundle);

beforeAll(() => {
  built('circuit-worker.js');
  program = new Program();
  bundle = bundleIn(program.dir, knownParts);
  pairs = program.file('pairs.jsonl', pairsText(knownTaskPairs(1, 24, 'masks')));
});
afterAll(() => {
  program.remove();
});

describe('the proof in a file', () => {
  /** Writes the known circuit with proofs, beside its pairs. */
  const proved = (name: string, proofs: readonly Proof[]) => {
    const text = readFileSync(pairs, 'utf8');
    const { name: model, hash } = readBundle(bundle);
    const circuit = knownCircuit({ name: model, hash }, 'pairs.jsonl', text);
    const [proof = null, ...repeats] = proofs;
    return program.file(name, circuitText({ ...circuit, proof, repeats }));
  };
  const verify = (...args: string[]) =>
    spawnSync(process.execPath, [program.cli, 'verify', ...args, '--bundle', bundle], {
      encoding: 'utf8',
    });
  const brief = ['--seconds', '0.001', '--pairs', '8'];
  const stopped = sampleProof({}, { stopped: true });

  it.each([
    [[1, 2], [], 'seeds 1, 2', '--seed 1 --seeds 2'],
    [[2], [], 'seed 2', '--seed 2'],
    [[3], ['--seed', '1', '--seeds', '2'], 'seed 3', '--seed 3'],
    [[1], ['--seed', '2'], 'seed 1', '--seed 1'],
  ])(
    'of seeds %j is not replaced by one of others (%j), which is said before anything is measured',
    (seeds, options, has, give) => {
      const path = proved(
        'seeds.json',
        seeds.map((seed) => sampleProof({}, { seed })),
      );
      const before = readFileSync(path);
      expect(failure('verify', path, '--write', ...options)).toContain(
        `seeds.json has a proof of ${has}, which --write does not replace by one of other seeds; give ${give}, or write the new proof to a copy of the file`,
      );
      expect(readFileSync(path)).toEqual(before);
    },
  );

  it('is not replaced by one that the time limit stopped, which is still printed', () => {
    const path = proved('complete.json', [sampleProof()]);
    const before = readFileSync(path);
    const { status, stdout, stderr } = verify(path, '--write', ...brief);
    expect(status).toBe(1);
    expect(stdout).toContain('The time ran out before all was measured.');
    expect(stderr).toMatch(
      /complete\.json keeps its complete proof, since the time limit stopped the new one, which was not saved; give more --seconds, or write the new proof to a copy of the file\n$/,
    );
    expect(verify(path, '--write', '--seeds', '2', ...brief).status).toBe(1);
    expect(readFileSync(path)).toEqual(before);
    // One that was stopped may be replaced by another, and by one of more seeds.
    const other = proved('stopped.json', [stopped]);
    expect(verify(other, '--write', '--seeds', '2', ...brief)).toMatchObject({ status: 0 });
    expect(readCircuit(other).repeats).toMatchObject([{ seed: 2, stopped: true }]);
  });

  it('of a folder that cannot be read is an error, which names its file', () => {
    const folder = join(program.dir, 'proofs');
    mkdirSync(folder);
    const place = (name: string, text: string | Uint8Array) => {
      writeFileSync(join(folder, name), text);
    };
    place('pairs.jsonl', readFileSync(pairs));
    place('a.json', readFileSync(proved('a.json', [sampleProof()])));
    const other = knownCircuit({ name: 'other', hash: 'b'.repeat(64) }, 'p.jsonl', '');
    place('other.json', circuitText(other));
    expect(verify(folder, '--kept')).toMatchObject({ status: 0, stderr: '' });
    place('broken.json', '{"format": 3');
    place('none.json', readFileSync(proved('unproved.json', [])));
    const { status, stdout, stderr } = verify(folder, '--kept');
    expect(status).toBe(1);
    expect(stdout).toMatch(/^a\.json: The circuit is sufficient/m);
    expect(stdout).toMatch(/^other\.json: skipped: a circuit of another model/m);
    expect(stderr).toMatch(
      /: 2 of 4 files in .*proofs could not be verified or saved: broken\.json, none\.json; the lines above say why\n$/,
    );
    const asJson = verify(folder, '--kept', '--json');
    expect(asJson.status).toBe(1);
    expect(JSON.parse(asJson.stdout)).toMatchObject([
      { file: 'a.json', passes: true },
      { file: 'broken.json', failed: expect.stringContaining('is not JSON') as string },
      { file: 'none.json', failed: expect.stringContaining('has no saved proof') as string },
    ]);
    const unsaved = verify(folder, '--write', ...brief);
    expect(unsaved.status).toBe(1);
    expect(unsaved.stdout).toMatch(/^a\.json: .*keeps its complete proof/m);
    expect(unsaved.stderr).toMatch(/2 of 4 files .*: a\.json, broken\.json; /);
    expect(readCircuit(join(folder, 'none.json')).proof).toMatchObject({ stopped: true });
  });
});
