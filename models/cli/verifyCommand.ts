/** `circuitscope verify`: the proof that a circuit is real. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readBundle, type Bundle } from '../bundles/bundle';
import {
  checkEdges,
  checkModel,
  circuitText,
  edgeCount,
  joinedNodes,
  pairsName,
  proofsOf,
  readCircuit,
  writeCircuit,
  type Circuit,
} from '../circuits/file/circuitFile';
import { DEFAULT_PROOF } from '../circuits/defaults';
import { proveInWorker, type JobOptions } from '../circuits/inWorker';
import { isProvable, renewal } from '../circuits/file/oldCircuit';
import { LEAST_PAIRS, judge, valueText, wantedText } from '../circuits/file/criteria';
import type { ProveOptions } from '../circuits/proof/prove';
import type { Proof } from '../circuits/file/schema';
import { CHOICE } from '../circuits/search/adversary';
import { oneLine } from '../oneLine';
import { isUndivided, MOST_PAIRS, sourceOf } from '../tasks/source';
import { circuitPath, pairsOf, UNDIVIDED } from './circuitFiles';
import { bundleDir, THREADS_HELP, threadsOf, threadsOption, withJob } from './circuitOptions';
import {
  parseOptions,
  positiveNumber,
  print,
  printJson,
  refuseOptions,
  UsageError,
  wholeNumber,
  type Command,
} from './command';
import { percent, table } from './format';
import { checkKept, endsAll, keepResult } from './outFile';
import { say, showLine } from './output';
import { bundleOption } from './places';

/** Options of a measurement, which `--kept` does without. */
const MEASURING = ['--pairs', '--seed', '--seeds', '--seconds', '--file', '--threads'];
/** Seeds of one verification. */
const MOST_SEEDS = 100;

const text = (value: number) => ({ type: 'string', default: String(value) }) as const;
const options = {
  ...bundleOption,
  ...threadsOption,
  pairs: text(DEFAULT_PROOF.pairs),
  seed: text(DEFAULT_PROOF.seed),
  seeds: text(1),
  seconds: text(DEFAULT_PROOF.seconds),
  file: { type: 'string' },
  write: { type: 'boolean', default: false },
  kept: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const;

export const verify: Command = {
  summary: 'prove or refute a circuit on prompts that no search has seen',
  help: `circuitscope verify FILE|DIR|TASK [options]

Measures a circuit on new prompts and judges it by a table of criteria, each with its number. A circuit is
  sufficient  if the core alone keeps the loss
  robust      if it still does, with every weight between its nodes, beside random parts of the rest and
              beside the ${CHOICE} outside nodes that an adversary chooses
  necessary   if the rest of the model fails without core and backups
  causal      if the answers follow when the core nodes that its edges join, and the backups, take their
              activations from the other prompt of a pair
  selective   if other tasks stay as they are when its cut, enough to make the model fail, is ablated
  real        if the same search fits no random labels and finds nothing in a random model
Nothing is proven on fewer than ${LEAST_PAIRS} pairs, or on pairs that the search has used.
The effect of an adversary without limits is reported beside the verdict. Losses are in nats, and chance is
0.693; every set of nodes is calibrated by the same rule, a shift. FILE is a circuit that prune wrote, TASK a
task for which the bundle has a circuit, DIR a folder, of which every circuit of this model is verified. The
exit code is 0 whatever the verdict, and 1 where a circuit of DIR could not be judged.

--write does not replace a proof by one of other seeds, since one that failed could get lost, nor a complete
proof by one that the time limit stopped, which is printed but not saved: give the same --seed and at least as
many --seeds, or more --seconds, or prove a copy of the file.

  --write            save the proof in the circuit's file
  --kept             measure nothing; judge by the proof saved in the file
  --pairs N          pairs to measure on, ${DEFAULT_PROOF.pairs} by default
  --seed S           seed of the pairs and of the controls, ${DEFAULT_PROOF.seed} by default
  --seeds N          verify N times, with seeds S, S+1, …; the worst numbers count
  --seconds B        time limit of a proof in seconds, ${DEFAULT_PROOF.seconds} by default; the verdict says when it is hit
  --file FILE        the file of pairs that the circuit was pruned on, if it is not beside the circuit
  --threads N        ${THREADS_HELP}
  --bundle NAME|DIR  model, python-sparse by default
  --json             print JSON`,

  async run(args) {
    const { values, positionals } = parseOptions('verify', args, options);
    if (positionals.length !== 1) {
      throw new UsageError('verify takes one file, folder or task; see circuitscope verify --help');
    }
    const { write, kept, json, file } = values;
    if (write && kept) throw new UsageError('verify: give --write or --kept, not both');
    if (kept) refuseOptions('verify', args, MEASURING, '--kept measures nothing');
    const seeds = wholeNumber('--seeds', values.seeds, 1, MOST_SEEDS);
    const wanted: ProveOptions = {
      pairs: wholeNumber('--pairs', values.pairs, 1, MOST_PAIRS),
      seed: wholeNumber('--seed', values.seed, 0),
      seconds: positiveNumber('--seconds', values.seconds),
    };
    const dir = bundleDir(values.bundle);
    const path = circuitPath(positionals[0], dir);
    const threads = threadsOf(values);
    const context = { bundle: readBundle(dir), dir, wanted, seeds, write, kept };
    if (statSync(path).isDirectory()) {
      refuseOptions(
        'verify',
        args,
        ['--file'],
        `${path} is a folder, and --file is of one circuit`,
      );
      await verifyAll(path, context, json, threads);
      return;
    }
    const { unsaved, ...result } = await withJob(
      (job) => verifyFile(path, file, context, job),
      threads,
    );
    if (json) printJson(result);
    else print(readable(result));
    if (unsaved !== null) throw new Error(unsaved);
  },
};

interface Context {
  readonly bundle: Bundle;
  readonly dir: string;
  readonly wanted: ProveOptions;
  /** How many proofs, each of another seed. */
  readonly seeds: number;
  /** Keep proofs in the circuits' files. */
  readonly write: boolean;
  /** Judge the proofs that the files keep, and measure nothing. */
  readonly kept: boolean;
}

/** What the command says of one circuit. */
interface Result extends ReturnType<typeof judge> {
  /** Name of the model. */
  readonly model: string;
  /** The task, or the file of pairs. */
  readonly name: string;
  readonly core: number;
  readonly backups: number;
  readonly cut: number;
  readonly edges: number;
  /** Nodes of the core that its edges join. */
  readonly joined: number;
  readonly allEdges: number;
  readonly proof: Proof;
  readonly repeats: readonly Proof[];
}

async function verifyFile(
  path: string,
  pairsFile: string | undefined,
  { bundle, dir, wanted, seeds, write, kept }: Context,
  job: JobOptions,
): Promise<Result & { readonly unsaved: string | null }> {
  const circuit = readCircuit(path);
  checkModel(circuit, bundle, path);
  if (!isProvable(circuit)) throw renewal(circuit, path);
  checkEdges(circuit, bundle, path);
  if (write) {
    checkKept(path, 'the proof');
    checkSeeds(circuit, { seed: wanted.seed, seeds }, path);
  }
  if (kept && !circuit.proof)
    throw new Error(`${path} has no saved proof; run verify --write first`);
  const proofs = kept ? proofsOf(circuit) : [];
  const pairs = kept ? null : pairsOf(circuit, path, pairsFile);
  const searchSeed = circuit.search?.settings.seed ?? wanted.seed;
  if (pairs && isUndivided(sourceOf(pairs), searchSeed)) say(`${path}: ${UNDIVIDED}`);
  for (let seed = wanted.seed; pairs && proofs.length < seeds; seed++) {
    const options = { ...wanted, seed, circuit };
    proofs.push(await proveInWorker({ bundleDir: dir, pairs, options }, job));
  }
  const [proof, ...repeats] = proofs;
  const unsaved = write ? whyUnsaved(circuit, proofs, path) : null;
  if (write && unsaved === null) {
    const proved = { ...circuit, proof, repeats };
    keepResult(path, circuitText(proved), () => {
      writeCircuit(path, proved);
    });
  }
  const { core, backups, cut, allEdges } = circuit;
  return {
    ...{
      model: bundle.name,
      name: pairsName(circuit),
      core: core.length,
      backups: backups.length,
      cut: cut.length,
      edges: edgeCount(circuit),
      joined: joinedNodes(circuit, bundle).length,
      allEdges,
    },
    ...judge(proofs),
    ...{ proof, repeats, unsaved },
  };
}

/**
 * Refuses to replace a proof by one of other seeds: one that failed could get lost.
 * @throws UsageError in one line, before anything is measured
 */
function checkSeeds(circuit: Circuit, { seed, seeds }: ProofSeeds, path: string): void {
  const kept = proofsOf(circuit).map((one) => one.seed);
  if (kept.every((one) => one >= seed && one < seed + seeds)) return;
  const [least, most] = [Math.min(...kept), Math.max(...kept)];
  const again = [`--seed ${least}`, ...(most > least ? [`--seeds ${most - least + 1}`] : [])];
  throw new UsageError(
    `${path} has a proof of ${seedsText(kept)}, which --write does not replace by one of other seeds; give ${again.join(' ')}, or write the new proof to a copy of the file`,
  );
}

/** Seeds of the proofs that are asked for. */
interface ProofSeeds {
  readonly seed: number;
  /** How many, from that one on. */
  readonly seeds: number;
}

const seedsText = (seeds: readonly number[]) =>
  `${seeds.length === 1 ? 'seed' : 'seeds'} ${seeds.join(', ')}`;

/** Why new proofs do not replace those of a circuit's file; null where they do. */
function whyUnsaved(circuit: Circuit, proofs: readonly Proof[], path: string): string | null {
  const kept = proofsOf(circuit);
  const stopped = (all: readonly Proof[]) => all.filter((one) => one.stopped).length;
  if (stopped(kept) === kept.length || stopped(proofs) <= stopped(kept)) return null;
  return `${path} keeps its complete proof, since the time limit stopped the new one, which was not saved; give more --seconds, or write the new proof to a copy of the file`;
}

/** Verifies every circuit of the model in a folder, and prints a line for each as soon as it is done. */
async function verifyAll(
  folder: string,
  context: Context,
  json: boolean,
  threads: number,
): Promise<void> {
  const { hash } = context.bundle;
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
  if (files.length === 0)
    throw new Error(`${folder} has no circuit files; write some with circuitscope prune`);
  const results: ((Result | { readonly failed: string }) & { readonly file: string })[] = [];
  const failed = new Set<string>();
  await withJob(async (job, label) => {
    for (const name of files.sort()) {
      const path = join(folder, name);
      label.text = `${name}: `;
      const tell = (line: string) => {
        showLine('');
        if (json) say(`${name}: ${line}`);
        else print(`${name}: ${line}`);
      };
      const fail = (line: string) => {
        tell(line);
        failed.add(name);
      };
      try {
        const { bundle } = readCircuit(path);
        if (bundle.hash !== hash) {
          tell(`skipped: a circuit of another model (${bundle.name})`);
          continue;
        }
        const { unsaved, ...result } = await verifyFile(path, undefined, context, job);
        results.push({ file: name, ...result });
        if (!json) tell(result.words);
        if (unsaved !== null) fail(unsaved);
      } catch (error) {
        if (endsAll(error, job.signal)) throw error;
        results.push({ file: name, failed: oneLine(error) });
        fail(oneLine(error));
      }
    }
  }, threads);
  if (json) printJson(results);
  if (failed.size === 0) return;
  throw new Error(
    `${failed.size} of ${files.length} files in ${folder} could not be verified or saved: ${[...failed].join(', ')}; the lines above say why`,
  );
}

function readable(result: Result): string {
  const { model, name, proof, repeats, core, joined, backups, cut, edges, criteria, words } =
    result;
  const seeds = seedsText([proof, ...repeats].map(({ seed }) => seed));
  const size = `${name} in ${model}, ${seeds}: core of ${core} nodes, ${joined} of them joined by ${edges} edges, ${backups} backups, a cut of ${cut} · ${proof.pairs} pairs${proof.unseen ? '' : ', the same as in pruning'}`;
  const sets = proof.measurements.map(({ what, ablation, loss, order, share }) => [
    ablation === 'swap' ? `${what}, put into the other prompt` : what,
    loss.toFixed(3),
    percent(order).trim(),
    percent(share).trim(),
  ]);
  const judged = criteria.map((one) => [
    one.group,
    one.what,
    valueText(one),
    wantedText(one),
    one.holds ? 'yes' : one.value === undefined ? '' : 'NO',
  ]);
  return [
    size,
    repeats.length > 0
      ? `Sets and counts are of seed ${proof.seed}; criteria are the worst of ${repeats.length + 1} seeds.`
      : '',
    table([['set', 'loss', 'pairs in order', 'share of the gap'], ...sets]),
    proof.counts
      .map(({ what, count, of }) => `${round(count)} of ${round(of)}: ${what}`)
      .join('\n'),
    table([['', 'criterion', 'measured', 'wanted', 'holds'], ...judged]),
    words,
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

/** Counts are whole, shares are not. */
const round = (value: number) => (Number.isInteger(value) ? String(value) : value.toFixed(2));
