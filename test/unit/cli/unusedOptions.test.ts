/** Options that would do nothing are refused, each by name, before anything is read or measured. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { pairsOf } from '../../../models/cli/circuitFiles';
import { refuseOptions, UsageError, type Command } from '../../../models/cli/command';
import { explain } from '../../../models/cli/explainCommand';
import { importCommand } from '../../../models/cli/importCommand';
import { label } from '../../../models/cli/labelCommand';
import { prune } from '../../../models/cli/pruneCommand';
import { shrink } from '../../../models/cli/shrinkCommand';
import { steer } from '../../../models/cli/steerCommand';
import { stress } from '../../../models/cli/stressCommand';
import { tasks } from '../../../models/cli/tasksCommand';
import { train } from '../../../models/cli/trainCommand';
import { verify } from '../../../models/cli/verifyCommand';
import { sampleCircuit } from '../../support/circuits';

const dir = mkdtempSync(join(tmpdir(), 'circuitscope-unused-'));
afterAll(() => {
  rmSync(dir, { recursive: true, force: true });
});
const file = join(dir, 'file.pt');
writeFileSync(file, '');

/** What to give for an option; other options take a number, and flags nothing. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  ...{ '--tied-qk': [], '--whole-nodes': [], '--resume': [] },
  ...{ '--given': ['a'], '--ablation': ['mean'], '--engine': ['onnx'], '--bundle': ['tiny'] },
};

const place = ['--token', '1', '--to', 'b.py'];
const cases: readonly (readonly [string, Command, readonly string[], readonly string[]])[] = [
  [
    ...(['prune --nodes-of', prune, ['--nodes-of', 'y', '--out', 'x']] as const),
    [
      ...['--target-loss', '--margin', '--seed', '--steps', '--pairs', '--selection-pairs'],
      ...['--ablation', '--tied-qk', '--whole-nodes'],
    ],
  ],
  [
    ...(['verify --kept', verify, ['if_ternary', '--kept']] as const),
    ['--pairs', '--seed', '--seeds', '--seconds', '--file', '--threads'],
  ],
  ['verify FOLDER', verify, [dir], ['--file']],
  ['tasks --list', tasks, ['--list'], ['--pairs', '--seed', '--bundle']],
  [
    ...(['stress --list', stress, ['--list']] as const),
    ['--prompts', '--seed', '--out', '--bundle', '--engine'],
  ],
  ['label --kept', label, ['tiny', '--kept'], ['--corpus', '--windows', '--ablations']],
  ['explain --file', explain, ['--file', 'a.py', '--token', '1'], ['--pairs']],
  ['explain TASK', explain, ['if_ternary'], ['--line', '--column', '--token', '--cell']],
  ['import of a circuit', importCommand, [file], ['--corpus', '--tokenizer']],
  ['import of a model', importCommand, [dir, '--out', 'x'], ['--bundle', '--task', '--file']],
  [
    ...(['steer --circuit', steer, ['--circuit', 'x']] as const),
    ['--given', '--strength', '--top', '--measure'],
  ],
  ['steer --task', steer, ['--task', 'x'], ['--top', '--measure']],
  [
    ...(['steer FILE', steer, ['a.py', ...place, '--node', 'x']] as const),
    ['--given', '--prompts', '--measure'],
  ],
  [
    ...(['steer --explain', steer, ['a.py', ...place, '--explain']] as const),
    ['--given', '--prompts', '--strength', '--seed'],
  ],
  [
    ...(['train --finish', train, ['--finish', 'x']] as const),
    [
      ...['--corpus', '--out', '--resume', '--from', '--tokenizer', '--engine'],
      ...['--ordinary', '--generated'],
    ],
  ],
  [
    ...(['train', train, ['x.json', '--corpus', 'y', '--out', join(dir, 'run')]] as const),
    ['--ordinary', '--generated'],
  ],
];

describe.each(cases)('%s', (_what, command, args, names) => {
  it.each(names)('refuses %s', async (name) => {
    const [value] = VALUES[name] ?? ['9'];
    const ways = value === undefined ? [[name]] : [[name, value], [`${name}=${value}`]];
    for (const option of ways) {
      const error = await command.run([...args, ...option]).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(UsageError);
      expect((error as Error).message).toMatch(new RegExp(`^[^\n]+; leave out ${name}$`));
    }
  });
});

describe('a file of pairs for the circuit of a task', () => {
  it.each([
    ['verify', verify, ['if_ternary']],
    ['shrink', shrink, ['if_ternary']],
    ['prune', prune, ['--nodes-of', 'if_ternary', '--out', join(dir, 'out.json')]],
  ] as const)('is refused by %s', async (_what, command, args) => {
    await expect(command.run([...args, '--file', file])).rejects.toThrow(
      /if_ternary\.json was pruned on the task if_ternary, not on a file of pairs; leave out --file$/,
    );
  });

  it('is named as its command calls it', () => {
    const circuit = sampleCircuit();
    expect(pairsOf(circuit, 'c.json', undefined)).toEqual({ task: 'indent_for' });
    expect(() => pairsOf(circuit, 'c.json', file, '--pairs')).toThrow('; leave out --pairs');
    const pairs = { file: 'none.jsonl', sha256: 'a'.repeat(64) };
    expect(() => pairsOf({ ...circuit, pairs }, join(dir, 'c.json'), undefined)).toThrow(
      /put it beside the circuit, or give its path with --file for this circuit alone$/,
    );
  });
});

it('what follows -- is no option', () => {
  const refuse = (...args: string[]) => {
    refuseOptions('verify', args, ['--file'], 'it is of one circuit');
  };
  expect(() => {
    refuse('a', '--', '--file');
  }).not.toThrow();
  expect(() => {
    refuse('a', '--file', '--', 'b');
  }).toThrow('verify: it is of one circuit; leave out --file');
});
