/** A search for a circuit, killed at any moment, changes nothing that was there. */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, it, vi } from 'vitest';
import { Rng } from '../../../models/random';
import { pairsText } from '../../../models/tasks/source';
import { Program } from '../cli/program';
import { knownTaskPairs, knownParts } from '../circuits/known';
import { built } from '../runtime/built';
import { bundleIn } from '../runtime/bundles';

vi.setConfig({ testTimeout: 240_000 });

const KILLS = 3;
built('circuit-worker.js');
const program = new Program();
afterAll(() => {
  program.remove();
});

it('a circuit stays as it was while a new one is looked for and that search is killed', async () => {
  const bundle = bundleIn(program.dir, knownParts);
  const pairs = program.file('pairs.jsonl', pairsText(knownTaskPairs(1, 24, 'masks')));
  const out = join(program.dir, 'circuit.json');
  const prune = ['prune', '--file', pairs, '--out', out, '--bundle', bundle];
  const began = Date.now();
  program.run(...prune, '--runs', '1', '--steps', '60', '--seconds', '500');
  const took = Date.now() - began;
  const circuit = readFileSync(out);
  const files = readdirSync(program.dir).sort();
  const rng = new Rng('killed searches');
  for (let kill = 0; kill < KILLS; kill++) {
    // So many searches that it never ends by itself before it is killed.
    const args = [...prune, '--runs', '100', '--seconds', '5000'];
    const search = spawn(process.execPath, [program.cli, ...args], { stdio: 'ignore' });
    const end = new Promise((resolve) => {
      search.on('close', (_, signal) => {
        resolve(signal);
      });
    });
    await sleep(took * (0.3 + 1.5 * rng.next()));
    search.kill('SIGKILL');
    expect(await end).toBe('SIGKILL');
    expect(readFileSync(out)).toEqual(circuit);
    expect(readdirSync(program.dir).sort()).toEqual(files);
  }
});
