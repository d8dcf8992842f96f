/** `circuitscope verify`: the proof that a circuit is real. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readBundle } from '../bundles/bundle';
import { checkModel, readCircuit, type Circuit } from '../circuits/circuitFile';
import { DEFAULT_VERIFY } from '../circuits/defaults';
import { verifyInWorker, type JobOptions } from '../circuits/inWorker';
import type { Proof, VerifyOptions } from '../circuits/verify/verify';
import { oneLine } from '../runtime/oneLine';
import type { PairsRequest } from '../tasks/source';
import { bundleDir, positiveNumber, withJob } from './circuitOptions';
import { parseOptions, print, printJson, UsageError, wholeNumber, type Command } from './command';
import { table } from './format';
import { bundleOption } from './places';

const options = {
  ...bundleOption,
  pairs: { type: 'string', default: String(DEFAULT_VERIFY.pairs) },
  seed: { type: 'string', default: String(DEFAULT_VERIFY.seed) },
  seconds: { type: 'string', default: String(DEFAULT_VERIFY.seconds) },
  file: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const;

export const verify: Command = {
  summary: 'proves or refutes a circuit on prompts that it was not pruned on',
  help: `circuitscope verify FILE|DIR [options]

Measures task losses (nats; chance is 0.693) on new prompts: of the whole model, of the circuit alone,
of the model without the circuit, of as many random nodes, of the same pruning on shuffled labels
and in a random-weight model of the same sparsity. Puts the circuit's activations of one prompt of a
pair into the other and counts how often the answer follows. Then says in words whether the circuit is
sufficient (loss at most its target) and necessary (without it at least 3 times the loss and above
0.5), and whether the null controls are clearly worse. A folder: every circuit of this model in it.
The exit code is 0 whatever the verdict.

  --pairs N          pairs to judge on, ${DEFAULT_VERIFY.pairs} by default
  --seed S           seed of those pairs and of the controls, ${DEFAULT_VERIFY.seed} by default
  --seconds B        time for the two controls that prune, ${DEFAULT_VERIFY.seconds} by default
  --file FILE        the pairs of a circuit pruned on a file of pairs, if not beside it
  --bundle NAME|DIR  model, python-sparse by default
  --json             print JSON`,

  async run(args) {
    const { values, positionals } = parseOptions('verify', args, options);
    if (positionals.length !== 1) {
      throw new UsageError('verify takes one file or folder; see circuitscope verify --help');
    }
    const [path] = positionals;
    const proof: VerifyOptions = {
      ...DEFAULT_VERIFY,
      pairs: wholeNumber('--pairs', values.pairs, 1),
      seed: wholeNumber('--seed', values.seed, 0),
      seconds: positiveNumber('--seconds', values.seconds),
    };
    const dir = bundleDir(values.bundle);
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) {
      await verifyAll(path, dir, proof, values.json);
      return;
    }
    const circuit = readCircuit(path);
    checkModel(circuit, readBundle(dir), path);
    const pairs = pairsOf(circuit, path, values.file);
    const result = await withJob((job) => verifyIn(dir, circuit, pairs, proof, job));
    if (values.json) printJson(result);
    else print(readable(result));
  },
};

/** The pairs that a circuit was pruned for; those of a file must not have changed. */
export function pairsOf({ pairs }: Circuit, path: string, given: string | undefined): PairsRequest {
  if ('task' in pairs) return { task: pairs.task };
  const beside = join(dirname(path), pairs.file);
  const file = given ?? (existsSync(beside) ? beside : pairs.file);
  if (!existsSync(file)) {
    throw new Error(`the pairs ${pairs.file} of ${path} are not found; give them with --file`);
  }
  const sha256 = createHash('sha256').update(readFileSync(file)).digest('hex');
  if (sha256 !== pairs.sha256) {
    throw new Error(
      `${file} is not the file that ${path} was pruned on; give that, or prune again`,
    );
  }
  return { file };
}

function verifyIn(
  dir: string,
  circuit: Circuit,
  pairs: PairsRequest,
  proof: VerifyOptions,
  job: JobOptions,
): Promise<Proof> {
  return verifyInWorker({ bundleDir: dir, pairs, options: { ...proof, circuit } }, job);
}

/** Every circuit of the model in a folder, one line of result each as soon as it is there. */
async function verifyAll(
  folder: string,
  dir: string,
  proof: VerifyOptions,
  json: boolean,
): Promise<void> {
  const { hash } = readBundle(dir);
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
  if (files.length === 0) throw new Error(`${folder} has no circuit files; prune some into it`);
  const results: (Proof & { file: string })[] = [];
  await withJob(async (job, label) => {
    for (const name of files.sort()) {
      const path = join(folder, name);
      label.text = `${name}: `;
      const say = (line: string) => {
        if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
        if (json) process.stderr.write(`${name}: ${line}\n`);
        else print(`${name}: ${line}`);
      };
      try {
        const circuit = readCircuit(path);
        if (circuit.bundle.hash !== hash) {
          say(`skipped, of another model (${circuit.bundle.name})`);
          continue;
        }
        const result = await verifyIn(dir, circuit, pairsOf(circuit, path, undefined), proof, job);
        results.push({ file: name, ...result });
        if (!json) say(result.verdict);
      } catch (error) {
        if (job.signal?.aborted) throw error;
        say(oneLine(error));
      }
    }
  });
  if (json) printJson(results);
}

function readable(proof: Proof): string {
  const { loss, target } = proof;
  const rows: [string, string][] = [
    ['the whole model', loss.full.toFixed(3)],
    ['the circuit alone', `${loss.circuit.toFixed(3)} (target ${target})`],
    ['the model without the circuit', loss.removed.toFixed(3)],
    ['random nodes of the same size', loss.random.toFixed(3)],
    ['the same pruning on shuffled labels', loss.shuffled_labels.toFixed(3)],
    ['the same pruning in a random model', loss.random_model.toFixed(3)],
  ];
  const size = `${proof.nodes} nodes, ${proof.edges} edges · ${proof.pairs} pairs${proof.unseen ? '' : ', the ones pruned on'}`;
  return [size, table([['loss of', 'nats'], ...rows]), proof.verdict].join('\n\n');
}
