/**
 * One of the threads that train together. All run the same program and meet at barriers: each
 * computes the gradient of its windows, then sums and updates its share of the parameters.
 */
import { Tokenizer } from '../tokenizer/tokenizer';
import type { TransformerConfig } from '../transformer/config';
import type { Weights } from '../transformer/parameters';
import { adamW } from './adamw';
import { writeCheckpoint } from './checkpoint';
import { lossReached, type TrainingConfig } from './config';
import { HELD_OUT_SEED, makeBatch, type WindowSource } from './data';
import { WideNames } from './idioms/wideNames';
import { shards, trainedSlots, view, type Slot } from './layout';
import { objectiveOf, type Objective } from './objective';
import { project } from './projection';
import { Muon } from './muon';
import { Revival } from './revive';
import { l0At, learningRateAt } from './schedule';
import { Barrier, decideStop, stopDecided, type SharedBuffers } from './shared';
import { StepRunner, type StepBatch } from './step';

/** What a replica is started with. */
export interface ReplicaData {
  readonly config: TrainingConfig;
  readonly rank: number;
  readonly buffers: SharedBuffers;
  /** uint16 token streams of ordinary Python. */
  readonly trainStream: SharedArrayBuffer;
  readonly heldOutStream: SharedArrayBuffer;
  readonly tokenizerJson: unknown;
  /** As in `TrainingData`. */
  readonly identifiers: readonly string[] | undefined;
  readonly fixed: Weights;
  /** The dense model of a bridged run, whose weights are in `fixed`. */
  readonly dense: TransformerConfig | undefined;
  /** Its bundle's hash, empty without one. */
  readonly denseHash: string;
  readonly startStep: number;
  /** Neurons that were active in the steps before, of a run that goes on; else empty. */
  readonly active: Uint8Array;
  readonly checkpointFile: string;
  readonly settings: string;
}

/** Held-out losses of the model itself in nats/token. */
export interface HeldOut {
  readonly ordinary: number;
  readonly idioms: number;
  /** What else the run is held to, by name, where it has an objective of several terms. */
  readonly terms?: Readonly<Record<'ordinary' | 'idioms', Readonly<Record<string, number>>>>;
}

/** What is known after a step; one line of the metrics file. */
export interface StepMetrics {
  /** Steps done. */
  readonly step: number;
  /** Training loss: nats/token, or the weighted sum of an objective's terms. */
  readonly loss: number;
  readonly learningRate: number;
  /** Fraction of weights kept. */
  readonly l0: number;
  /** Root mean square of the gradient before clipping. */
  readonly gradientRms: number;
  readonly milliseconds: number;
  /** Dead neurons that were begun anew after the step. */
  readonly revived?: number;
  readonly heldOut?: HeldOut;
}

/** Sent by the first replica after every step, and by every replica at its end. */
export type ReplicaMessage =
  | { readonly kind: 'step'; readonly metrics: StepMetrics }
  | { readonly kind: 'checkpoint'; readonly step: number }
  | { readonly kind: 'done'; readonly step: number; readonly finished: boolean };

export class Replica {
  private readonly objective: Objective;
  private readonly runner: StepRunner;
  private readonly muon: Muon;
  private readonly barrier: Barrier;
  private readonly sums: Float64Array;
  private readonly shard: Slot[];
  private readonly total: number;
  private readonly flat: { weights: Float32Array; first: Float32Array; second: Float32Array };
  private readonly gradients: Float32Array[];
  /** The first replica's, of a run that revives neurons. */
  private readonly revival: Revival | null;
  private readonly train: WindowSource;
  private readonly heldOut: { ordinary: WindowSource; idioms: WindowSource };

  constructor(
    private readonly data: ReplicaData,
    private readonly send: (message: ReplicaMessage) => void,
  ) {
    const { config, buffers, rank } = data;
    this.objective = objectiveOf(config, data.dense);
    const { slots, total } = trainedSlots(this.objective.specs);
    this.total = total;
    this.shard = shards(slots, config.replicas)[rank];
    this.flat = {
      weights: new Float32Array(buffers.weights),
      first: new Float32Array(buffers.first),
      second: new Float32Array(buffers.second),
    };
    this.gradients = buffers.gradients.map((buffer) => new Float32Array(buffer));
    this.revival = rank === 0 && config.revive ? new Revival(slots, config.seed) : null;
    if (data.active.length > 0) this.revival?.active.set(data.active);
    this.sums = new Float64Array(buffers.sums);
    this.barrier = new Barrier(buffers, config.replicas);
    this.muon = new Muon(config.provider);
    const { seed, idiomShare, provider } = config;
    const { context } = config.model;
    const options = { context, provider };
    this.runner = new StepRunner(this.objective, options, this.flat.weights, data.fixed);
    const tokenizer = Tokenizer.fromJson(data.tokenizerJson);
    const common = { tokenizer, idiomShare, context };
    this.train = {
      ...{ ...common, seed, stream: new Uint16Array(data.trainStream) },
      ...(data.identifiers && { wide: new WideNames(tokenizer, data.identifiers) }),
    };
    const stream = new Uint16Array(data.heldOutStream);
    const held = { ...common, stream, seed: HELD_OUT_SEED };
    this.heldOut = {
      ordinary: { ...held, idiomShare: 0 },
      idioms: { ...held, idiomShare: 1 },
    };
  }

  /** Trains from the start step to the last, to the loss that is enough, or until a stop is asked for. */
  async run(): Promise<void> {
    const { config, rank, buffers, startStep } = this.data;
    let step = startStep;
    const resumed = startStep > 0 && config.stopAtLoss !== undefined;
    let enough = resumed && lossReached(config, await this.evaluate());
    while (step < config.steps && !enough) {
      if (rank === 0) decideStop(buffers);
      this.barrier.wait();
      if (stopDecided(buffers)) break;
      const started = performance.now();
      const metrics = await this.step(step++);
      const evaluate = step % config.evalEvery === 0 || step === config.steps;
      const heldOut = evaluate ? await this.evaluate() : null;
      enough = heldOut !== null && lossReached(config, heldOut); // The same for every replica.
      if (rank !== 0) continue;
      const milliseconds = performance.now() - started;
      this.send({
        kind: 'step',
        metrics: { ...metrics, milliseconds, ...(heldOut && { heldOut }) },
      });
      if (step % config.checkpointEvery === 0) this.checkpoint(step);
    }
    const finished = enough || step === config.steps;
    if (rank === 0 && (finished || stopDecided(buffers))) this.checkpoint(step);
    this.send({ kind: 'done', step, finished });
  }

  private checkpoint(step: number): void {
    const { checkpointFile, settings, denseHash: dense } = this.data;
    const active = this.revival?.active ?? new Uint8Array();
    writeCheckpoint(checkpointFile, { step, settings, dense, active, ...this.flat });
    this.send({ kind: 'checkpoint', step });
  }

  private async step(step: number): Promise<Omit<StepMetrics, 'milliseconds'>> {
    const { config, rank } = this.data;
    const batch = this.batch(this.train, 'train', step);
    const ownLoss = await this.runner.gradient(batch, this.gradients[rank]);
    const [loss] = this.addUp(ownLoss / config.replicas);
    const [squares] = this.addUp(this.reduceShard());
    const gradientRms = Math.sqrt(squares / this.total) / config.replicas;
    // Every replica sees the same sums and throws alike, before any weight has changed.
    if (!Number.isFinite(loss) || !Number.isFinite(gradientRms)) {
      throw new Error(
        `step ${step + 1}: the loss is not finite; lower optimizer.learningRate and train again in another --out`,
      );
    }
    await this.update(step, gradientRms);
    this.revival?.watch(this.gradients[0]);
    this.barrier.wait(); // Every shard is updated before anybody saves or reads the weights.
    const revived = this.revive(step + 1);
    return {
      step: step + 1,
      loss,
      learningRate: learningRateAt(config, step),
      l0: l0At(config, step),
      gradientRms,
      ...(revived !== null && { revived }),
    };
  }

  /** This replica's windows of a step. */
  private batch(source: WindowSource, label: string, step: number): StepBatch {
    const { config, rank } = this.data;
    const count = config.batch / config.replicas;
    const first = rank * count;
    const windows = { seed: source.seed, label, step, first, count };
    return {
      ...makeBatch(source, label, step, first, count),
      further: this.objective.furtherInputs(windows),
    };
  }

  /**
   * Begins dead neurons anew when it is time, and cuts what they read back to as many weights as there
   * may be; how many there were, or null where it is not.
   */
  private revive(step: number): number | null {
    const { revive, steps } = this.data.config;
    if (!revive || step % revive.every !== 0 || step > revive.until * steps) return null;
    const revived = this.revival?.revive(this.flat, step) ?? null;
    this.barrier.wait(); // Nobody cuts the weights back before all neurons are begun.
    const l0 = l0At(this.data.config, step - 1); // As this step's update left them.
    for (const slot of this.shard) this.keepLargest(slot, l0);
    this.barrier.wait(); // Nobody reads the weights before they are whole.
    return revived;
  }

  /** Sums every replica's gradient of this shard into the first one's; returns the squared norm. */
  private reduceShard(): number {
    let squares = 0;
    for (const slot of this.shard) {
      const [sum, ...others] = this.gradients.map((gradient) => view(gradient, slot));
      for (const other of others) for (let i = 0; i < sum.length; i++) sum[i] += other[i];
      for (const g of sum) squares += g * g;
    }
    return squares;
  }

  private async update(step: number, gradientRms: number): Promise<void> {
    const { optimizer, replicas } = this.data.config;
    const l0 = l0At(this.data.config, step);
    const common = {
      ...optimizer,
      learningRate: learningRateAt(this.data.config, step),
      count: step + 1,
      gradientScale: Math.min(1, optimizer.clipRms / gradientRms) / replicas,
    };
    for (const slot of this.shard) {
      const { spec } = slot;
      const [weights, first, second] = [this.flat.weights, this.flat.first, this.flat.second].map(
        (flat) => view(flat, slot),
      );
      const gradient = view(this.gradients[0], slot);
      const settings = { ...common, weightDecay: spec.decay ? optimizer.weightDecay : 0 };
      if (optimizer.matrices === 'muon' && spec.channelAxis !== null) {
        await this.muon.update(weights, gradient, first, spec.shape, settings);
      } else {
        adamW(weights, gradient, first, second, settings);
      }
      this.keepLargest(slot, l0);
    }
  }

  /** Zeroes all but a fraction of a parameter's entries, where it is to be sparse. */
  private keepLargest(slot: Slot, l0: number): void {
    const { sparse, channelAxis, shape } = slot.spec;
    if (!sparse) return;
    const min = this.data.config.sparsity.minPerChannel;
    const floor = channelAxis === null ? null : { axis: channelAxis, columns: shape[1], min };
    // At most the fraction; the margin is for products that fall just short of a whole number.
    const keep = Math.max(1, Math.floor(l0 * slot.size + 1e-6));
    project(view(this.flat.weights, slot), keep, floor);
  }

  /** Losses on fixed held-out windows, shared among the replicas. */
  private async evaluate(): Promise<HeldOut> {
    const { config } = this.data;
    const rounds = Math.max(1, Math.ceil(config.evalWindows / config.batch));
    const { terms } = this.objective;
    const means = async (source: WindowSource) => {
      const sums = Array<number>(1 + terms.length).fill(0);
      for (let round = 0; round < rounds; round++) {
        const losses = await this.runner.losses(this.batch(source, 'held-out', round));
        for (const [i, loss] of losses.entries()) sums[i] += loss;
      }
      return this.addUp(...sums.map((sum) => sum / rounds / config.replicas));
    };
    const [ordinary, ...ofOrdinary] = await means(this.heldOut.ordinary);
    const [idioms, ...ofIdioms] = await means(this.heldOut.idioms);
    if (terms.length === 0) return { ordinary, idioms };
    const named = (values: readonly number[]) =>
      Object.fromEntries(terms.map((term, i) => [term, values[i]]));
    return { ordinary, idioms, terms: { ordinary: named(ofOrdinary), idioms: named(ofIdioms) } };
  }

  /** Sums of every replica's numbers, the same for all. */
  private addUp(...own: number[]): number[] {
    const width = this.sums.length / this.data.config.replicas;
    this.sums.set(own, this.data.rank * width);
    this.barrier.wait();
    const totals = own.map((_, i) => {
      let total = 0;
      for (let r = 0; r < this.data.config.replicas; r++) total += this.sums[r * width + i];
      return total;
    });
    this.barrier.wait(); // Nobody overwrites the numbers before all have read them.
    return totals;
  }
}
