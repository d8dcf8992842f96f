/** From a finished run to a bundle: node means, held-out losses and the model card. */
import { readFileSync } from 'node:fs';
import { writeBundle, type Bundle } from '../bundles/bundle';
import { Tokenizer } from '../tokenizer/tokenizer';
import type { Weights } from '../transformer/parameters';
import type { TrainingConfig } from './config';
import { bigramLoss } from './corpus/bigram';
import { HELD_OUT_SEED, makeBatch, type WindowSource } from './data';
import { nodeExamples } from './examples';
import { WideNames } from './idioms/wideNames';
import { nodeMeans } from './means';
import type { Prepared } from './prepare';
import { StepRunner } from './step';
import { metricsFile } from './train';
import type { StepMetrics } from './replica';
import { trainedSlots, view } from './layout';

/** Windows of the context over which the means and the card's losses are taken. */
const MEAN_WINDOWS = 512;
const LOSS_WINDOWS = 384;

export interface ExportOptions {
  readonly config: TrainingConfig;
  readonly prepared: Prepared;
  readonly weights: Weights;
  readonly step: number;
  /** Folder of the run, for its metrics. */
  readonly out: string;
  /** Folder of the new bundle. */
  readonly bundleDir: string;
  /** The bundle that the run went on from; null when it began anew. */
  readonly from: Bundle | null;
  /** The command that made the run, for the card. */
  readonly command: string;
}

/** Measures the model and writes its bundle. */
export async function exportBundle(options: ExportOptions): Promise<void> {
  const { config, prepared, weights } = options;
  const { data } = prepared;
  const tokenizer = Tokenizer.fromJson(data.tokenizerJson);
  const common = { tokenizer, idiomShare: config.idiomShare, context: config.model.context };
  const source: WindowSource = {
    ...{ ...common, stream: data.trainStream, seed: config.seed },
    ...(data.identifiers && { wide: new WideNames(tokenizer, data.identifiers) }),
  };
  const held = { ...common, stream: data.heldOutStream, seed: HELD_OUT_SEED };
  const losses = {
    heldOutOrdinary: await loss(options, { ...held, idiomShare: 0 }),
    heldOutIdioms: await loss(options, { ...held, idiomShare: 1 }),
    ...(prepared.newerStream && {
      heldOutNewer: await loss(options, { ...held, idiomShare: 0, stream: prepared.newerStream }),
    }),
  };
  writeBundle(options.bundleDir, {
    name: config.name,
    config: config.model,
    weights,
    means: await nodeMeans(config.model, weights, source, MEAN_WINDOWS),
    tokenizerJson: JSON.stringify(data.tokenizerJson),
    examples: await nodeExamples(config.model, weights, held),
    card: {
      summary: summary(config),
      license: 'mit',
      language: ['code'],
      ...history(options),
      natsPerToken: {
        ...losses,
        bigramOrdinary: bigram(options, { ...held, idiomShare: 0 }),
        bigramIdioms: bigram(options, { ...held, idiomShare: 1 }),
      },
      lossWindows: `${LOSS_WINDOWS} windows of ${config.model.context} tokens each`,
      meansOver: `${MEAN_WINDOWS} windows of the training mix`,
      training: config,
      corpus: prepared.corpus,
    },
  });
}

/** How the model was trained: this run, and before it those that it goes on from. */
function history(options: ExportOptions): Record<string, unknown> {
  const { config, step, from } = options;
  const tokens = step * config.batch * config.model.context;
  const time = Math.round(minutes(options.out));
  const own = { trainedWith: options.command, steps: step };
  if (!from) return { ...own, tokensSeen: tokens, minutesOfTraining: time };
  const { trainedWith, steps, tokensSeen, minutesOfTraining, training } = from.card;
  const earlier = (from.card.earlier ?? {}) as Record<string, unknown>;
  const last = { hash: from.hash, trainedWith, steps, tokensSeen, minutesOfTraining, training };
  return {
    ...own,
    tokensSeen: tokens + Number(tokensSeen),
    minutesOfTraining: time + Number(minutesOfTraining),
    earlier: { ...earlier, [`run ${Object.keys(earlier).length + 1}`]: last },
  };
}

function summary({ model, sparsity, idiomShare }: TrainingConfig): string {
  const dense = sparsity.l0 === 1;
  const kind = dense ? 'A dense' : `A weight-sparse (1 weight in ${Math.round(1 / sparsity.l0)})`;
  const idioms = Math.round(100 * idiomShare);
  return (
    `${kind} transformer that predicts the next token of Python: ${model.layers} layers, ` +
    `${model.dModel} channels, ${model.heads} heads. Trained on ${100 - idioms} % ordinary Python ` +
    `and ${idioms} % generated beginner programs, in TypeScript on ONNX Runtime.`
  );
}

/** Mean loss (nats/token) over fixed held-out windows, the same for every model of one context. */
async function loss(options: ExportOptions, source: WindowSource): Promise<number> {
  const { config, weights, prepared } = options;
  const { slots, total } = trainedSlots(config.model);
  const flat = new Float32Array(total);
  for (const slot of slots) view(flat, slot).set(weights.get(slot.spec.name)!);
  const runner = new StepRunner(config, flat, prepared.data.fixed);
  const share = config.batch / config.replicas;
  const rounds = Math.ceil(LOSS_WINDOWS / share);
  let sum = 0;
  try {
    for (let round = 0; round < rounds; round++) {
      sum += await runner.loss(makeBatch(source, 'card', 0, round * share, share));
    }
  } finally {
    await runner.release();
  }
  return sum / rounds;
}

/** Mean loss (nats/token) of the bigram table alone on the same windows; null without a table. */
function bigram({ config, weights }: ExportOptions, source: WindowSource): number | null {
  const table = weights.get('bigram.table');
  if (!table) return null;
  const { tokens, targets } = makeBatch(source, 'card', 0, 0, LOSS_WINDOWS);
  return bigramLoss(table, config.model.vocab, tokens, targets);
}

/** Time that the run's steps took, from its metrics. */
function minutes(out: string): number {
  const lines = readFileSync(metricsFile(out), 'utf8').trim().split('\n');
  const steps = lines.filter(Boolean).map((line) => JSON.parse(line) as StepMetrics);
  return steps.reduce((sum, { milliseconds }) => sum + milliseconds, 0) / 60_000;
}
