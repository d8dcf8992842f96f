/** The command line of `circuitscope train`. */
import { join } from 'node:path';
import { resolveBundle } from '../bundles/bundle';
import { parseOptions, print, printJson, UsageError, type Command } from './command';
import { bundlesDir, workerFile } from './places';
import { runTraining } from './train';

const options = {
  corpus: { type: 'string', multiple: true },
  out: { type: 'string' },
  resume: { type: 'boolean', default: false },
  from: { type: 'string' },
  tokenizer: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const;

export const train: Command = {
  summary: 'trains a model and makes a bundle of it',
  help: `circuitscope train CONFIG --corpus DIR… --out DIR [options]

Trains the model that a JSON file describes, and writes checkpoints and at the end a bundle into the
run's folder. Ctrl-C stops with a checkpoint.

  --corpus DIR…     folders of .py files, each with those to train on in train/ and those held out
                    in heldout/
  --out DIR         folder of the run
  --resume          continue the run in --out from its checkpoint
  --from NAME|DIR   start with the weights of a bundle instead of random ones
  --tokenizer FILE  tokenizer.json, that of python-sparse by default
  --json            print JSON`,

  async run(args) {
    const { values, positionals } = parseOptions('train', args, options);
    const { corpus, out, resume, from, tokenizer, json } = values;
    const [configFile, ...moreDirs] = positionals;
    if (configFile === undefined || !corpus || !out) {
      throw new UsageError('write: circuitscope train CONFIG --corpus DIR --out DIR');
    }
    const report = await runTraining({
      configFile,
      corpusDirs: [...corpus, ...moreDirs],
      out,
      resume,
      from: from === undefined ? null : resolveBundle(from, bundlesDir()),
      tokenizerFile: tokenizer ?? join(bundlesDir(), 'python-sparse', 'tokenizer.json'),
      workerFile: workerFile('training-worker'),
      bar: process.stderr.isTTY,
    });
    if (json) printJson(report);
    else print(report.bundle ?? `stopped after ${report.step} of ${report.steps} steps`);
  },
};
