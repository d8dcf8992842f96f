/** The command line of `circuitscope train`. */
import { join } from 'node:path';
import { resolveBundle } from '../bundles/bundle';
import {
  parseOptions,
  positiveNumber,
  print,
  printJson,
  refuseOptions,
  UsageError,
  type Command,
} from './command';
import { isWatched } from './output';
import { checkOutFolder } from './outFile';
import { bundlesDir, torchPrograms, workerFile } from './places';
import { runTraining } from './train';
import { DEFAULT_MILLIONS, defaultTokenizer } from './trainRecord';
import { finishTorchRun, prepareTorchRun } from './trainTorch';

const options = {
  corpus: { type: 'string', multiple: true },
  out: { type: 'string' },
  resume: { type: 'boolean', default: false },
  from: { type: 'string' },
  tokenizer: { type: 'string' },
  engine: { type: 'string', default: 'onnx' },
  ordinary: { type: 'string', default: String(DEFAULT_MILLIONS) },
  generated: { type: 'string', default: String(DEFAULT_MILLIONS) },
  finish: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const;

/** Tokens take two bytes each while they are packed. */
const MOST_MILLIONS = 1000;

/** Options that `--engine torch` alone has, and all that are of no use to `--finish`. */
const TORCH = ['--ordinary', '--generated'];
const TRAINING = [
  ...['--corpus', '--out', '--resume', '--from', '--tokenizer', '--engine'],
  ...TORCH,
];

export const train: Command = {
  summary: 'train a model and write it as a bundle',
  help: `circuitscope train CONFIG --corpus DIR… --out DIR [options]
circuitscope train --finish RUN

Trains the model that CONFIG, a JSON file, describes. Writes checkpoints, and a bundle at the end, into the
run's folder. Ctrl-C saves a checkpoint and stops.

  --corpus DIR…     folders of .py files, with those to train on in train/ and the held-out ones in
                    heldout/
  --out DIR         folder of the run
  --resume          continue the run in --out from its checkpoint
  --from NAME|DIR   start from the weights of a bundle instead of random ones
  --tokenizer FILE  tokenizer.json, that of python-sparse by default
  --engine onnx|torch
                    onnx (default) trains here. torch writes a folder that trains anywhere with Python
                    and PyTorch alone, also on GPUs (python3 RUN/train.py --help)
  --finish RUN      write the bundle of a run that was trained with torch
  --ordinary N, --generated N
                    with torch: most tokens of ordinary and of generated text to include, in millions
                    (such as 0.5), ${DEFAULT_MILLIONS} by default
  --json            print JSON`,

  async run(args) {
    const { values, positionals } = parseOptions('train', args, options);
    const { corpus, resume, from, tokenizer, json, engine, finish } = values;
    if (finish !== undefined) {
      if (positionals.length > 0) throw new UsageError('train --finish takes no CONFIG');
      refuseOptions('train', args, TRAINING, '--finish trains nothing');
      const bundle = await finishTorchRun(finish);
      if (json) printJson({ out: finish, bundle });
      else print(bundle);
      return;
    }
    const [configFile, ...moreDirs] = positionals;
    // What stands beside a run is named after it.
    const out = values.out?.replace(/(?<=[^\\/])[\\/]+$/, '');
    if (configFile === undefined || !corpus || !out) {
      throw new UsageError('usage: circuitscope train CONFIG --corpus DIR --out DIR');
    }
    checkOutFolder(out);
    const common = {
      ...{ configFile, corpusDirs: [...corpus, ...moreDirs], out },
      from: from === undefined ? null : resolveBundle(from, bundlesDir()),
      tokenizerFile: tokenizer ?? defaultTokenizer(bundlesDir()),
      bundlesDir: bundlesDir(),
    };
    if (engine === 'torch') {
      if (resume)
        throw new UsageError(
          '--resume does not go with --engine torch; run python3 RUN/train.py --resume',
        );
      const million = (option: 'ordinary' | 'generated') =>
        Math.ceil(1e6 * positiveNumber(`--${option}`, values[option], MOST_MILLIONS));
      const tokens = { ordinary: million('ordinary'), generated: million('generated') };
      const report = await prepareTorchRun({ ...common, tokens, programs: torchPrograms() });
      if (json) printJson(report);
      else
        print(
          `${report.out}: ${(report.bytes / 1e6).toFixed(1)} MB; python3 ${join(report.out, 'train.py')}`,
        );
      return;
    }
    if (engine !== 'onnx') throw new UsageError(`--engine ${engine}: the engines are onnx, torch`);
    refuseOptions('train', args, TORCH, '--engine onnx reads the whole corpus');
    const report = await runTraining({
      ...common,
      resume,
      workerFile: workerFile('training-worker'),
      bar: isWatched(),
    });
    if (json) printJson(report);
    else print(report.bundle ?? `stopped after ${report.step} of ${report.steps} steps`);
  },
};
