/** From a finished run to a bundle: node means, held-out losses and the model card. */
import { givenWeights } from '../bridges/parameters';
import { asStored } from '../bundles/bridges';
import { checkPlace, writeBundle } from '../bundles/bundle';
import { siteName } from '../transformer/nodes';
import { parameterSpecs, type Weights } from '../transformer/parameters';
import { bridgeTable } from './bridgeTable';
import type { TrainingConfig } from './config';
import { bigramLoss } from './corpus/bigram';
import type { Batch } from './data';
import { nodeExamples } from './examples';
import { trainedSlots, view } from './layout';
import { nodeActivity, type NodeActivity } from './means';
import { transformerObjective } from './objective';
import { StepRunner } from './step';
import type { GivenModel } from './start';
import { LOSS_WINDOWS, MEAN_WINDOWS, type MeasuringWindows } from './windows';

/** Windows of a held-out loss that are run together. */
const LOSS_BATCH = 6;

/** A bundle that a run went on from, as its card is to name it. */
export interface Earlier {
  readonly hash: string;
  readonly card: Readonly<Record<string, unknown>>;
}

/** What a run did, for the card. */
export interface RunFacts {
  /** The command that made the run. */
  readonly command: string;
  /** What it ran on, as in "in TypeScript on ONNX Runtime". */
  readonly engine: string;
  readonly steps: number;
  readonly tokens: number;
  readonly minutes: number;
}

export interface ExportOptions {
  readonly config: TrainingConfig;
  readonly tokenizerJson: unknown;
  readonly weights: Weights;
  readonly windows: MeasuringWindows;
  /** Summary of the corpus. */
  readonly corpus: unknown;
  readonly run: RunFacts;
  /** Null when the run began anew. */
  readonly from: Earlier | null;
  /** The dense model of a bridged run. */
  readonly dense?: GivenModel;
  /** Folder of the new bundle. */
  readonly bundleDir: string;
}

/** Measures the model and writes its bundle. */
export async function exportBundle(options: ExportOptions): Promise<void> {
  const { config, windows } = options;
  checkPlace(options.bundleDir, config.name);
  const names = parameterSpecs(config.model).map(({ name }) => name);
  const weights = new Map(names.map((name) => [name, options.weights.get(name)!]));
  const bridged = await bridgesOf(options);
  const activity = await nodeActivity(config.model, weights, windows.means);
  const losses = {
    heldOutOrdinary: await loss(options, windows.ordinary),
    heldOutIdioms: await loss(options, windows.idioms),
    ...(windows.newer && { heldOutNewer: await loss(options, windows.newer) }),
  };
  writeBundle(options.bundleDir, {
    name: config.name,
    config: config.model,
    weights,
    means: activity.means,
    tokenizerJson: JSON.stringify(options.tokenizerJson),
    examples: await nodeExamples(config.model, weights, windows.examples),
    ...(bridged && { bridges: bridged.bridges }),
    card: {
      summary: summary(options),
      license: 'mit',
      language: ['code'],
      ...history(options),
      natsPerToken: {
        ...losses,
        bigramOrdinary: bigram(options, windows.ordinary),
        bigramIdioms: bigram(options, windows.idioms),
      },
      lossWindows: `${LOSS_WINDOWS} windows of ${config.model.context} tokens each`,
      meansOver: `${MEAN_WINDOWS} windows of the training mix`,
      deadNeurons: deadNeurons(config.model.layers, activity),
      ...(bridged && { bridges: bridged.card }),
      training: config,
      corpus: options.corpus,
    },
  });
}

/** A bridged run's bridges, and what they are worth on held-out text; null for other runs. */
async function bridgesOf({ config, dense, weights, windows }: ExportOptions) {
  const { model, bridge } = config;
  if (!bridge || !dense) return null;
  const { encoderKept } = bridge;
  const pair = { sparse: model, dense: dense.config, encoderKept };
  const { name, hash } = dense;
  const partner = { name, hash, dModel: dense.config.dModel, encoderKept };
  // Measured is what the bundle has, whose numbers are rounded.
  const bridges = asStored(model, { ...partner, weights });
  const all = new Map([...weights, ...bridges.weights, ...givenWeights(dense.weights)]);
  const table = (batch: Batch) => bridgeTable(pair, all, batch);
  const tables = {
    ordinary: await table(windows.ordinary),
    idioms: await table(windows.idioms),
  };
  return { bridges, card: { dense: name, denseHash: hash, encoderKept, ...tables } };
}

/** Neurons by layer that are active at no token of the windows that the means are taken over. */
function deadNeurons(layers: number, { active }: NodeActivity): Record<string, string> {
  return Object.fromEntries(
    Array.from({ length: layers }, (_, layer) => {
      const neurons = active.get(siteName(layer, 'mlp.post_act'))!;
      const dead = neurons.filter((tokens) => tokens === 0).length;
      return [`layer ${layer}`, `${dead} of ${neurons.length}`];
    }),
  );
}

/** How the model was trained: this run, and before it those that it goes on from. */
function history({ run, from }: ExportOptions): Record<string, unknown> {
  const time = Math.round(run.minutes);
  const own = { trainedWith: run.command, steps: run.steps };
  if (!from) return { ...own, tokensSeen: run.tokens, minutesOfTraining: time };
  const { trainedWith, steps, tokensSeen, minutesOfTraining, training } = from.card;
  const earlier = (from.card.earlier ?? {}) as Record<string, unknown>;
  const last = { hash: from.hash, trainedWith, steps, tokensSeen, minutesOfTraining, training };
  return {
    ...own,
    tokensSeen: run.tokens + Number(tokensSeen),
    minutesOfTraining: time + Number(minutesOfTraining),
    earlier: { ...earlier, [`run ${Object.keys(earlier).length + 1}`]: last },
  };
}

function summary({ config, run, dense }: ExportOptions): string {
  const { model, sparsity, idiomShare } = config;
  const kind =
    sparsity.l0 === 1 ? 'A dense' : `A weight-sparse (1 weight in ${Math.round(1 / sparsity.l0)})`;
  const idioms = Math.round(100 * idiomShare);
  return (
    `${kind} transformer that predicts the next token of Python: ${model.layers} layers, ` +
    `${model.dModel} channels, ${model.heads} heads. Trained on ${100 - idioms} % ordinary Python ` +
    `and ${idioms} % generated beginner programs, ${run.engine}.` +
    (dense ? ` It is bridged to ${dense.name}.` : '')
  );
}

/** Mean loss (nats/token) over fixed held-out windows, the same for every model of one context. */
async function loss({ config, weights }: ExportOptions, batch: Batch): Promise<number> {
  const objective = transformerObjective(config.model);
  const { slots, total } = trainedSlots(objective.specs);
  const flat = new Float32Array(total);
  for (const slot of slots) view(flat, slot).set(weights.get(slot.spec.name)!);
  const { provider } = config;
  const options = { context: config.model.context, provider };
  const runner = new StepRunner(objective, options, flat, weights);
  const size = LOSS_BATCH * config.model.context;
  let sum = 0;
  let rounds = 0;
  try {
    for (let at = 0; at < batch.tokens.length; at += size, rounds++) {
      const part = (tokens: Int32Array) => tokens.slice(at, at + size);
      const [own] = await runner.losses({
        ...{ tokens: part(batch.tokens), targets: part(batch.targets), further: {} },
      });
      sum += own;
    }
  } finally {
    await runner.release();
  }
  return sum / rounds;
}

/** Mean loss (nats/token) of the bigram table alone on the same windows; null without a table. */
function bigram({ config, weights }: ExportOptions, { tokens, targets }: Batch): number | null {
  const table = weights.get('bigram.table');
  return table ? bigramLoss(table, config.model.vocab, tokens, targets) : null;
}
