/** `circuitscope import`: another project's model as a bundle. */
import { importModel } from '../import/importModel';
import { ModelFolder } from '../import/modelFolder';
import { giga, memoryNeeded } from '../import/memory';
import { parseOptions, print, printJson, showProgress, UsageError, type Command } from './command';

const options = {
  out: { type: 'string' },
  corpus: { type: 'string', multiple: true },
  tokenizer: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const;

export const importCommand: Command = {
  summary: "makes a bundle of one of OpenAI's models",
  help: `circuitscope import FOLDER --out DIR [--corpus DIR…] [--tokenizer DIR] [--json]

Reads a model of OpenAI's circuit_sparsity project, as it is published: beeg_config.json and
final_model.pt, or config.json and model.safetensors. Nothing in the files is run. The bundle has
the mean of every node over Python text, so every other command works on it.

  --out DIR        folder of the new bundle
  --corpus DIR…    folders of .py files that means are taken over; generated programs by default
  --tokenizer DIR  folder of vocab.bpe and encoder.json; looked for near FOLDER by default
  --json           print JSON`,

  async run(args) {
    const { values, positionals } = parseOptions('import', args, options);
    const [folder] = positionals;
    if (positionals.length !== 1 || values.out === undefined) {
      throw new UsageError('write: circuitscope import FOLDER --out DIR');
    }
    const { name, numbers } = ModelFolder.open(folder);
    const size = `${numbers.toLocaleString('en')} numbers, up to ${giga(memoryNeeded(numbers))} of memory`;
    process.stderr.write(`${name}: ${size}\n`);
    const imported = await importModel(
      {
        ...{ folder, out: values.out, corpus: values.corpus ?? [] },
        ...{ tokenizer: values.tokenizer ?? null, date: new Date().toISOString() },
      },
      {
        progress: (what, done, total) => {
          showProgress(`${what}:`, done, total);
        },
        pause: () => Promise.resolve(),
      },
    );
    if (values.json) printJson({ ...imported, config: undefined });
    else print(`${imported.name} is in ${imported.dir}; use it with --bundle ${imported.dir}`);
  },
};
