/** `circuitscope import`: another project's model as a bundle, or its circuit as a circuit file. */
import { mkdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { CIRCUITS, readBundle } from '../bundles/bundle';
import { edgeCount, writeCircuit } from '../circuits/file/circuitFile';
import { CIRCUIT_FILE, importCircuit } from '../import/importCircuit';
import { importModel } from '../import/importModel';
import { ModelFolder } from '../import/modelFolder';
import { giga, memoryNeeded } from '../import/memory';
import { sourceOf } from '../tasks/source';
import { checkKept, checkOutCircuit, checkOutFolder } from './outFile';
import { say } from './output';
import { bundleDir, bundleOption } from './places';
import {
  parseOptions,
  print,
  printJson,
  refuseOptions,
  showProgress,
  UsageError,
  type Command,
} from './command';

const options = {
  ...bundleOption,
  out: { type: 'string' },
  task: { type: 'string' },
  file: { type: 'string' },
  corpus: { type: 'string', multiple: true },
  tokenizer: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const;

export const importCommand: Command = {
  summary: "import one of OpenAI's weight-sparse models, or a published circuit",
  help: `circuitscope import FOLDER --out DIR [--corpus DIR…] [--tokenizer DIR] [--json]
circuitscope import viz_data.pt --bundle DIR [--task NAME|--file PAIRS] [--out FILE] [--json]

Imports a model of OpenAI's circuit_sparsity project, as published: beeg_config.json and final_model.pt,
or config.json and model.safetensors. No code in these files is run. The mean of every node over Python
text is measured too, so that every other command works on the bundle.

  --out DIR        folder of the new bundle
  --corpus DIR…    folders of .py files to measure means on; generated programs by default
  --tokenizer DIR  folder with vocab.bpe and encoder.json; searched for near FOLDER by default

A published circuit becomes a circuit file for the bundle that its model was imported as: the published
nodes, the model's own weights between them, and the published losses. verify then tests it with means,
prompts and calibration of this project.

  --bundle DIR     the imported model
  --task NAME      task to test it on; by default the one that its folder is named after
  --file PAIRS     file of pairs of prompts to test it on instead
  --out FILE       circuit file to write; TASK-published.json among the bundle's circuits by default
  --json           print JSON`,

  async run(args) {
    const { values, positionals } = parseOptions('import', args, options);
    const [folder] = positionals;
    const isCircuit =
      positionals.length === 1 && statSync(folder, { throwIfNoEntry: false })?.isFile() === true;
    if (isCircuit) {
      const ofModel = ['--corpus', '--tokenizer'];
      refuseOptions('import', args, ofModel, `${folder} is a circuit of an imported model`);
      const found = circuitOf(folder, values);
      if (values.json) printJson(found);
      else print(readable(found));
      return;
    }
    if (positionals.length !== 1 || values.out === undefined) {
      throw new UsageError(
        `usage: circuitscope import FOLDER --out DIR, or import ${CIRCUIT_FILE} --bundle DIR`,
      );
    }
    const ofCircuit = ['--bundle', '--task', '--file'];
    refuseOptions('import', args, ofCircuit, `${folder} is a model, not a circuit`);
    const { name, size } = ModelFolder.open(folder);
    const numbers = size.numbers.toLocaleString('en');
    say(`${name}: ${numbers} numbers, which take up to ${giga(memoryNeeded(size))} of memory`);
    checkOutFolder(values.out);
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

interface CircuitOptions {
  readonly bundle: string;
  readonly out?: string | undefined;
  readonly task?: string | undefined;
  readonly file?: string | undefined;
}

/** Writes the circuit file of a published circuit. */
function circuitOf(viz: string, { bundle: name, out, task, file }: CircuitOptions) {
  if (task !== undefined && file !== undefined) {
    throw new UsageError('import: give --task or --file, not both');
  }
  const dir = bundleDir(name);
  if (out !== undefined) checkOutCircuit(out, [viz]);
  else checkKept(dir, 'the circuit');
  const pairs =
    task !== undefined ? sourceOf({ task }) : file !== undefined ? sourceOf({ file }) : null;
  const circuit = importCircuit(viz, readBundle(dir), pairs?.identity ?? null);
  const called =
    'task' in circuit.pairs ? circuit.pairs.task : basename(circuit.pairs.file, '.jsonl');
  const path = out ?? join(dir, CIRCUITS, `${called}-published.json`);
  if (out === undefined) {
    mkdirSync(join(dir, CIRCUITS), { recursive: true });
    checkOutCircuit(path, [viz]);
  }
  writeCircuit(path, circuit);
  const { core, published } = circuit;
  return { out: path, nodes: core.length, edges: edgeCount(circuit), published };
}

function readable({ out, nodes, edges, published }: ReturnType<typeof circuitOf>): string {
  const { loss, project } = published!;
  return [
    `${nodes} nodes and the model's ${edges} weights between them, published by ${project}`,
    `published losses: circuit ${loss.circuit.toFixed(3)} nats, model ${loss.model.toFixed(3)} nats`,
    `${out}; test it with circuitscope verify`,
  ].join('\n');
}
