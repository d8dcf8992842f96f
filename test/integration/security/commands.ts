/** Every command that runs a model, small enough to be watched. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Rng } from '../../../models/random';
import { pairsText } from '../../../models/tasks/source';
import { generateProgram } from '../../../models/training/idioms';
import { knownTaskPairs, knownParts } from '../circuits/known';
import { at, type Program } from '../cli/program';
import { built } from '../runtime/built';
import { bundleIn } from '../runtime/bundles';
import { tinyRun } from '../training/tiny';

const [SINK, SINK_TOKENIZER] = ['openai-sink', 'openai-tokenizer'].map((name) =>
  fileURLToPath(new URL(`../../fixtures/${name}`, import.meta.url)),
);

const [RUNTIME, CIRCUITS, TRAINING] = ['runtime', 'circuit', 'training'].map(
  (name) => `${name}-worker.js`,
);

/** A command by name: its arguments, and what its threads run beside the main one and the engine's helpers. */
export interface WatchedCommand {
  readonly name: string;
  readonly args: readonly string[];
  readonly threads: readonly string[];
}

/** The commands, in an order in which each finds what it reads; they write below `program.dir` only. */
export function watchedCommands(program: Program): WatchedCommand[] {
  built('circuit-worker.js');
  const bundle = ['--bundle', program.bundle];
  const known = ['--bundle', bundleIn(program.dir, knownParts)];
  const pairs = program.file('pairs.jsonl', pairsText(knownTaskPairs(1, 24, 'masks')));
  const out = join(program.dir, 'circuit.json');
  const quick = ['--runs', '1', '--steps', '60', '--seconds', '500'];
  const corpus = corpusIn(program);
  return [
    {
      name: 'trace, with its worker',
      args: ['trace', program.python, ...at(2, 12), '--effects', ...bundle],
      threads: [RUNTIME],
    },
    { name: 'loss', args: ['loss', program.python, ...bundle], threads: [RUNTIME] },
    { name: 'kurtosis', args: ['kurtosis', program.python, ...bundle], threads: [RUNTIME] },
    {
      name: 'explain',
      args: ['explain', '--file', program.python, ...at(2, 12), ...bundle],
      threads: [RUNTIME],
    },
    {
      name: 'label, with the parser of Python',
      args: ['label', program.bundle, '--corpus', corpus, '--windows', '8', '--ablations', '0'],
      threads: [],
    },
    { name: 'concepts', args: ['concepts', ...bundle], threads: [] },
    {
      name: 'tokenizer',
      args: [
        'tokenizer',
        '--corpus',
        corpus,
        '--out',
        join(program.dir, 't.json'),
        '--vocab',
        '300',
      ],
      threads: [],
    },
    {
      name: 'import, of another project’s pickle',
      args: ['import', SINK, '--out', join(program.dir, 'sink'), '--tokenizer', SINK_TOKENIZER],
      threads: [],
    },
    { name: 'bundle info', args: ['bundle', 'info', program.bundle], threads: [] },
    {
      name: 'bundle examples, in the main thread',
      args: ['bundle', 'examples', program.bundle, '--corpus', corpus],
      threads: [],
    },
    { name: 'task', args: ['task', '--file', pairs, ...known], threads: [CIRCUITS] },
    {
      name: 'prune, with its worker',
      args: ['prune', '--file', pairs, '--out', out, ...quick, ...known],
      threads: [CIRCUITS],
    },
    { name: 'verify', args: ['verify', out, ...known], threads: [CIRCUITS] },
    {
      name: 'train, with a thread for each replica, and its export',
      args: training(program, corpus),
      threads: [TRAINING, TRAINING],
    },
  ];
}

function corpusIn(program: Program): string {
  const corpus = join(program.dir, 'corpus');
  for (const part of ['train', 'heldout']) {
    mkdirSync(join(corpus, part), { recursive: true });
    const programs = Array.from({ length: 20 }, (_, i) => generateProgram(new Rng(part, i)));
    writeFileSync(join(corpus, part, 'a.py'), programs.join('\n'));
  }
  return corpus;
}

function training(program: Program, corpus: string): string[] {
  const config = tinyRun({ steps: 2 });
  const model = { ...config.model, bigram: 'none' };
  const file = program.file('run.json', JSON.stringify({ ...config, model }));
  return ['train', file, '--corpus', corpus, '--out', join(program.dir, 'run')];
}
