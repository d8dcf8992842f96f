/** `circuitscope label`: what every node of a model means, chosen and tested on held-out Python. */
import { createHash } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { addLabels, readBundle, resolveBundle } from '../bundles/bundle';
import { labelsOfNode, type Labels } from '../bundles/labels';
import { writeFileAtomic } from '../files';
import { readJson } from '../input';
import { CONCEPTS } from '../labels/concepts';
import { labelModel, type SiteLabels } from '../labels/label';
import { sampleWindows } from '../labels/sample';
import { SearchThread } from '../labels/searchThread';
import { falseDiscovery, labelShares, type LabelShares, type Share } from '../labels/shares';
import { Model } from '../inference/model';
import { DEFAULT_THREADS } from '../engines/engineChoice';
import { Sessions } from '../engines/sessions';
import { PythonParser } from '../syntax/parser';
import { Tokenizer } from '../tokenizer/tokenizer';
import { readCorpus } from '../training/corpus/readCorpus';
import {
  parseOptions,
  print,
  printJson,
  refuseOptions,
  showProgress,
  UsageError,
  wholeNumber,
  type Command,
} from './command';
import { percent, table } from './format';
import { checkKept } from './outFile';
import { bundlesDir, workerFile } from './places';

const options = {
  corpus: { type: 'string', multiple: true },
  windows: { type: 'string', default: '256' },
  ablations: { type: 'string', default: '1' },
  kept: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const;
const SEED = 1;
/** Files that a sample is taken from, at most; evenly spread over all there are. */
const MOST_FILES = 300;

export const label: Command = {
  summary: 'label the nodes of a bundle with concepts of Python text',
  help: `circuitscope label NAME|DIR --corpus DIR… [options]

Labels every node, for each sign of its activation, with the concept of Python text, or the pair of
concepts, that the activation predicts best: chosen on one half of held-out text, scored on the other half,
and tested by ablating the node. The labels go into the bundle; its other files stay as they are. A run that
was stopped is resumed by the same command.

  --corpus DIR…  folders of .py files, with the held-out ones in heldout/
  --windows N    windows of text, each as long as the model's context, 256 by default; half choose, half score
  --kept         only summarise the labels that the bundle already has
  --ablations N  windows in which each node is ablated, 1 by default; 0 for none
  --json         print JSON`,

  async run(args) {
    const { values, positionals } = parseOptions('label', args, options);
    const [name] = positionals;
    const windows = Number(values.windows);
    if (positionals.length !== 1 || (!values.corpus && !values.kept)) {
      throw new UsageError('usage: circuitscope label NAME|DIR --corpus DIR, or --kept');
    }
    if (values.kept) {
      const measuring = ['--corpus', '--windows', '--ablations'];
      refuseOptions('label', args, measuring, '--kept measures nothing');
    }
    if (!Number.isInteger(windows) || windows < 8 || windows > 4096) {
      throw new UsageError('label: --windows must be a whole number from 8 to 4096');
    }
    const ablations = wholeNumber('--ablations', values.ablations, 0, 24);
    const dir = resolveBundle(name, bundlesDir());
    if (!values.kept) {
      checkKept(dir, 'labels');
      addLabels(dir, await makeLabels(dir, values.corpus!, windows, ablations));
      rmSync(soFarIn(dir), { force: true });
    }
    const bundle = readBundle(dir);
    const { labels } = bundle;
    if (!labels) throw new Error(`${dir} has no labels; make them with --corpus DIR`);
    const shares = labelShares(bundle, labels);
    if (values.json)
      printJson({
        dir,
        accepted: labels.accepted,
        falseDiscovery: falseDiscovery(labels),
        ...shares,
      });
    else print(readable(dir, labels, shares));
  },
};

async function makeLabels(
  dir: string,
  corpus: readonly string[],
  windows: number,
  ablations: number,
): Promise<Labels> {
  const { hash, config, weights, means, tokenizerJson } = readBundle(dir);
  const { files } = readCorpus(corpus.map((one) => join(one, 'heldout')));
  const every = Math.ceil(files.length / MOST_FILES);
  const texts = files.filter((_, i) => i % every === 0).map(({ text }) => text);
  const parser = await PythonParser.load();
  const settings = { windows, context: config.context, seed: SEED };
  const sample = sampleWindows(texts, Tokenizer.fromJson(tokenizerJson), parser, settings);
  await parser.release();
  // What was found so far, of the same model and text; labels name concepts by their place.
  const kept = soFarIn(dir);
  const concepts = CONCEPTS.map(({ name }) => name);
  const text = createHash('sha256').update(texts.join('\0')).digest('hex');
  const key = { hash, ...settings, text, concepts };
  const sites = soFar(kept, key);
  const note = () => undefined;
  const sessions = { engine: 'auto', threads: DEFAULT_THREADS, hash, weights, note } as const;
  const model = await Model.load(config, weights, new Sessions(sessions));
  const searchers = Array.from({ length: DEFAULT_THREADS }, () => {
    return new SearchThread(workerFile('label-worker'), sample);
  });
  try {
    return await labelModel({
      ...{ model, config, means, sample, searchers, sites },
      ...{ files: texts.length, seed: SEED, ablations },
      onSite: () => {
        writeFileAtomic(kept, JSON.stringify({ key, sites: [...sites] }));
      },
      onProgress: (what, done, total) => {
        showProgress(`${what}:`, done, total);
      },
    });
  } finally {
    await model.release();
    for (const searcher of searchers) await searcher.release();
  }
}

/** File that keeps the labels of a run that has not ended. */
const soFarIn = (dir: string): string => join(dir, '.labels-so-far.json');

/** Sites that an earlier run has done; none when it was of another model, text or version. */
function soFar(file: string, key: object): Map<string, SiteLabels> {
  if (!existsSync(file)) return new Map();
  try {
    const found = readJson(file) as {
      key: object;
      sites: [string, SiteLabels][];
    };
    if (JSON.stringify(found.key) === JSON.stringify(key)) return new Map(found.sites);
  } catch {
    // Cut short or not ours: found anew.
  }
  return new Map();
}

function readable(
  dir: string,
  labels: Labels,
  { nodes, strongest, confirmed, raisesLoss, weights }: LabelShares,
): string {
  const of = ({ some, all }: Share) => [`${some} of ${all}`, percent(some / Math.max(1, all))];
  const signs = Object.values(labels.nodes).flatMap(labelsOfNode);
  const { chance } = labels.accepted;
  const inText = signs.filter(({ correlation, tokenOnly }) => correlation > tokenOnly);
  return [
    `${dir}: ${signs.length} labels, of which ${inText.length} need the text around the token`,
    table([
      ['nodes with a label', ...of(nodes)],
      ['labels that hold where their node is strongest', ...of(strongest)],
      ['labels where ablating the node changes predictions more than elsewhere', ...of(confirmed)],
      ['labels where ablating the node raises the loss more than elsewhere', ...of(raisesLoss)],
      ['weights between labelled nodes', ...of(weights)],
      [
        'control: labels accepted with text shifted against activations',
        `${chance.accepted} of ${chance.tried}`,
        '',
      ],
      ['estimated share of labels due to chance', '', percent(falseDiscovery(labels))],
    ]),
  ].join('\n');
}
