/** Every command that runs a model, small enough to be watched. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readBundle } from '../../../models/bundles/bundle';
import { Rng } from '../../../models/random';
import { pairsText } from '../../../models/tasks/source';
import { generateProgram } from '../../../models/training/idioms';
import { everySite } from '../../../models/transformer/config';
import { knownTaskPairs, knownParts } from '../circuits/known';
import { at, type Program } from '../cli/program';
import { built } from '../runtime/built';
import { bundleIn, identityBridges, randomParts, vocabConfig } from '../runtime/bundles';
import { tinyRun } from '../training/tiny';

const [SINK, SINK_TOKENIZER] = ['openai-sink', 'openai-tokenizer'].map((name) =>
  fileURLToPath(new URL(`../../fixtures/${name}`, import.meta.url)),
);

const [RUNTIME, CIRCUITS, TRAINING, LABELS] = ['runtime', 'circuit', 'training', 'label'].map(
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
  const longer = ['--bundle', longerBundle(program)];
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
      threads: [LABELS, LABELS],
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
      name: 'shrink',
      args: ['shrink', out, '--losses', '0.6', '--pairs', '8', ...known],
      threads: [CIRCUITS],
    },
    {
      name: 'unique',
      args: ['unique', '--file', pairs, '--seeds', '2', '--peel', '1', '--steps', '60', ...known],
      threads: [CIRCUITS],
    },
    { name: 'copying', args: ['copying', '--prompts', '1', ...longer], threads: [RUNTIME] },
    {
      name: 'stress, with its pictures',
      args: [
        ...['stress', predictions(program), '--prompts', '2', '--engine', 'onnx', ...longer],
        ...['--out', join(program.dir, 'stress')],
      ],
      threads: [],
    },
    {
      name: 'steer, with both its models',
      args: [
        ...['steer', program.file('quotes.py', 'x = "one"\ny = "two"\n'), '--token', '8'],
        ...['--to-text', "x = 'one'\ny = 'two'\n", '--explain'],
        ...['--measure', '4', ...bridged(program)],
      ],
      threads: [RUNTIME, RUNTIME],
    },
    {
      name: 'bundle twin',
      args: ['bundle', 'twin', withLosses(program, 'own'), withLosses(program, 'twin')],
      threads: [],
    },
    { name: 'bundle renew', args: ['bundle', 'renew', program.bundle], threads: [] },
    {
      name: 'train, with a thread for each replica, and its export',
      args: [...training(program, corpus), '--out', join(program.dir, 'run')],
      threads: [TRAINING, TRAINING],
    },
    {
      name: 'train, a folder for PyTorch',
      args: [
        ...[...training(program, corpus), '--out', join(program.dir, 'torch')],
        ...['--engine', 'torch', '--ordinary', '0.02', '--generated', '0.02'],
      ],
      threads: [],
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
  return ['train', file, '--corpus', corpus];
}

/** A model that reads whole prompts. */
function longerBundle(program: Program): string {
  const parts = randomParts(vocabConfig({ context: 96 }));
  return bundleIn(program.dir, { ...parts, name: 'longer' });
}

/** Where the model may err, and what it answers there. */
function predictions(program: Program): string {
  const family = 'set_far';
  const reason = { family, node: '0.mlp.act_in.3', threshold: null, because: 'a test' };
  const answers = [0, 1].map((parameter) => ({ family, parameter, answer: '.add' }));
  const lines = [reason, ...answers].map((line) => JSON.stringify(line));
  return program.file('predictions.jsonl', lines.join('\n'));
}

/** Two models alike, with bridges that leave a stream as it is. */
function bridged(program: Program): string[] {
  const config = vocabConfig({ positions: 0, activationFraction: everySite(1) });
  const parts = randomParts(config);
  const dense = bundleIn(program.dir, { ...parts, name: 'partner' });
  const bridges = identityBridges(readBundle(dense), config);
  const sparse = bundleIn(program.dir, { ...parts, name: 'bridged', bridges });
  return ['--bundle', sparse, '--dense', dense];
}

/** A model whose card has its losses on held-out text. */
function withLosses(program: Program, name: string): string {
  const natsPerToken = { heldOutOrdinary: 4, heldOutIdioms: 3 };
  const card = { ...program.parts.card, natsPerToken };
  return bundleIn(program.dir, { ...program.parts, name, card });
}
