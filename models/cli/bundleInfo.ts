/** `circuitscope bundle`: sizes and sparsity counted from the weights, and examples of its nodes. */
import { readBundle, removeExamples, renewBundle, resolveBundle } from '../bundles/bundle';
import { parameterCounts, type ParameterCounts } from '../bundles/counts';
import type { TransformerConfig } from '../transformer/config';
import { writeExamples } from './bundleExamples';
import { writeTwin, type TwinReport } from './bundleTwin';
import { parseOptions, print, printJson, UsageError, type Command } from './command';
import { percent, table } from './format';
import { DEFAULT_THREADS } from '../engines/engineChoice';
import { EngineTimes, type PassTimes } from '../engines/engineTimes';
import { checkKept } from './outFile';
import { bundlesDir } from './places';

const options = {
  corpus: { type: 'string', multiple: true },
  remove: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const;

/** Number of bundles that each subcommand takes. */
const NAMES = new Map([
  ['info', 1],
  ['examples', 1],
  ['twin', 2],
  ['renew', 1],
]);

/** The parameter that is a table of counted token pairs. */
const BIGRAM = 'bigram.table';

/** The JSON that the command prints. */
interface Report {
  bundle: { name: string; hash: string };
  config: TransformerConfig;
  parameters: ParameterCounts;
  /** The dense model that it is bridged to, and the channels that each encoder keeps; null for none. */
  bridges: { name: string; hash: string; encoderKept: number } | null;
  /** Milliseconds of a window in each engine; null where they were not measured here. */
  engine: PassTimes | null;
}

export const bundle: Command = {
  summary: 'show the size and sparsity of a bundle, or update it',
  help: `circuitscope bundle info NAME|DIR [--json]
circuitscope bundle examples NAME|DIR --corpus DIR…|--remove [--json]
circuitscope bundle twin NAME|DIR DENSE [--json]
circuitscope bundle renew NAME|DIR [--json]

info checks a bundle's files and prints its configuration and the number of nonzero weights.
examples runs the model on held-out Python and stores in the bundle, for every node, where it is strongest
and where it is typical, and a histogram of its activations. twin records in the model card how far the
held-out losses of another model are from its own. Both leave the rest of the bundle as it is. renew rewrites
a bundle of an older version in the current format and keeps the model, its hash and its circuits.

  --corpus DIR…  folders of .py files, with the held-out ones in heldout/
  --remove       take the examples out of the bundle, which makes it smaller
  --json         print JSON`,

  async run(args) {
    const { values, positionals } = parseOptions('bundle', args, options);
    const [what, ...names] = positionals;
    const wanted = Number(values.corpus !== undefined) + Number(values.remove);
    if (wanted !== (what === 'examples' ? 1 : 0) || names.length !== NAMES.get(what)) {
      throw new UsageError(
        'usage: circuitscope bundle info NAME|DIR, bundle renew NAME|DIR, ' +
          'bundle examples NAME|DIR --corpus DIR or --remove, or bundle twin NAME|DIR DENSE',
      );
    }
    const [dir, twinDir] = names.map((name) => resolveBundle(name, bundlesDir()));
    if (what !== 'info') checkKept(dir, 'the result');
    if (what === 'twin') {
      const report = writeTwin(dir, twinDir);
      if (values.json) printJson(report);
      else print(twinLine(report));
      return;
    }
    if (what === 'renew') {
      const sizes = renewBundle(dir);
      if (values.json) printJson({ dir, ...sizes });
      else print(`${dir}: weights in ${sizes.after} bytes, ${sizes.before} before`);
      return;
    }
    if (what === 'examples' && values.remove) {
      removeExamples(dir);
      if (values.json) printJson({ dir });
      else print(`${dir}: no examples`);
      return;
    }
    if (what === 'examples') {
      const report = await writeExamples(dir, values.corpus ?? []);
      if (values.json) printJson(report);
      else print(`${report.dir}: examples from ${report.windows} windows`);
      return;
    }
    const report = infoOf(dir);
    if (values.json) printJson(report);
    else print(readable(report));
  },
};

function infoOf(dir: string): Report {
  const { name, hash, config, weights, bridges } = readBundle(dir);
  return {
    ...{ bundle: { name, hash }, config, parameters: parameterCounts({ config, weights }) },
    bridges: bridges && {
      ...{ name: bridges.name, hash: bridges.hash, encoderKept: bridges.encoderKept },
    },
    engine: EngineTimes.of(hash, DEFAULT_THREADS).get(),
  };
}

function twinLine({ name, difference: { ordinary, idioms } }: TwinReport): string {
  const signed = (nats: number) => `${nats < 0 ? '' : '+'}${nats.toFixed(3)}`;
  return `${name}: ${signed(ordinary)} nats/token on ordinary Python, ${signed(idioms)} on idioms`;
}

function readable({ bundle, config, parameters, bridges, engine }: Report): string {
  const settings = Object.entries(config).map(([key, value]) => [
    key,
    typeof value === 'object' ? JSON.stringify(value) : String(value),
  ]);
  const rows = [...parameters.parameters, ...sums(parameters)].map(
    ({ name, shape, nonzero, total, fraction }) => [
      name,
      shape.join(' × '),
      nonzero,
      total,
      percent(fraction),
    ],
  );
  return [
    `${bundle.name}\n${bundle.hash}`,
    table(settings),
    table([['parameter', 'shape', 'nonzero', 'of', 'fraction'], ...rows]),
    ...(bridges ? [bridgesText(bridges)] : []),
    engineText(engine),
  ].join('\n\n');
}

/** All parameters together, and without a bigram table, which is a count of the corpus and has its own size. */
function sums({ parameters, total, nonzero, fraction }: Report['parameters']) {
  const all = { name: 'all', shape: [], nonzero, total, fraction };
  const table = parameters.find(({ name }) => name === BIGRAM);
  if (!table) return [all];
  const rest = { nonzero: nonzero - table.nonzero, total: total - table.total };
  const name = 'all but the bigram table';
  return [{ name, shape: [], ...rest, fraction: rest.nonzero / rest.total }, all];
}

function bridgesText({ name, hash, encoderKept }: NonNullable<Report['bridges']>): string {
  return `bridged to ${name} ${hash.slice(0, 12)}; each encoder keeps ${encoderKept} channels`;
}

/** Which engine runs the model, and the times that say so. */
function engineText(times: PassTimes | null): string {
  if (!times) {
    return 'engine: not measured on this machine; without a measurement dense models run in ONNX Runtime, and large or very sparse ones on the sparse engine';
  }
  const [onnx, sparse] = [times.onnx, times.sparse].map((ms) => `${ms.toFixed(1)} ms`);
  const chosen = times.sparse < times.onnx ? 'sparse' : 'onnx';
  return `engine: ${chosen} (a window in ONNX Runtime ${onnx}, in the sparse engine ${sparse})`;
}
