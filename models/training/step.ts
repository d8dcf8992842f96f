/** The training graph in ONNX Runtime: gradients and held-out losses of one replica's windows. */
import { ort } from '../onnxRuntime';
import { createSession } from '../engines/session';
import type { Value } from '../graph/ir';
import { gradientOutput, LOSS_OUTPUT } from '../transformer/graphs';
import type { Weights } from '../transformer/parameters';
import type { Batch } from './data';
import { trainedSlots, view, type Slot } from './layout';
import type { FurtherInput, Objective } from './objective';

/** What the graphs of an objective are run with. */
interface RunnerOptions {
  /** Tokens in a window. */
  readonly context: number;
  readonly provider: string;
}

/** Windows and what an objective reads beside them. */
export interface StepBatch extends Batch {
  readonly further: Readonly<Record<string, FurtherInput>>;
}

/** Forward and backward passes on the shared weights, on one thread. */
export class StepRunner {
  private readonly slots: Slot[];
  private readonly local: Float32Array;
  private readonly parameters: Record<string, ort.Tensor> = {};
  private training: ort.InferenceSession | null = null;
  private evaluation: ort.InferenceSession | null = null;

  /** `shared` are the trained weights, flat; `fixed` the parameters that training leaves alone. */
  constructor(
    private readonly objective: Objective,
    private readonly options: RunnerOptions,
    private readonly shared: Float32Array,
    fixed: Weights,
  ) {
    const { slots, total } = trainedSlots(objective.specs);
    this.slots = slots;
    // ONNX Runtime cannot read shared memory, so each step starts from a copy.
    this.local = new Float32Array(total);
    const bySlot = new Map(slots.map((slot) => [slot.spec.name, view(this.local, slot)]));
    for (const { name, shape } of objective.specs) {
      const data = bySlot.get(name) ?? fixed.get(name);
      if (!data) throw new Error(`training: parameter '${name}' has no numbers`);
      this.parameters[name] = new ort.Tensor('float32', data, shape);
    }
  }

  /** Loss of a batch, in nats/token where it has no other terms; its gradient is written to `gradient`, flat. */
  async gradient(batch: StepBatch, gradient: Float32Array): Promise<number> {
    this.training ??= await this.session(this.objective.gradientGraph(this.windows(batch)));
    const results = await this.training.run(this.feeds(batch));
    for (const slot of this.slots) {
      view(gradient, slot).set(results[gradientOutput(slot.spec.name)].data as Float32Array);
    }
    return (results[LOSS_OUTPUT].data as Float32Array)[0];
  }

  /** The model's own loss (nats/token) of a batch of the training batch's size, then the terms. */
  async losses(batch: StepBatch): Promise<number[]> {
    this.evaluation ??= await this.session(this.objective.evaluationGraph(this.windows(batch)));
    const results = await this.evaluation.run(this.feeds(batch));
    return [LOSS_OUTPUT, ...this.objective.terms].map(
      (name) => (results[name].data as Float32Array)[0],
    );
  }

  /** Frees the sessions. */
  async release(): Promise<void> {
    await this.training?.release();
    await this.evaluation?.release();
  }

  private windows({ tokens }: Batch): number {
    return tokens.length / this.options.context;
  }

  private feeds(batch: StepBatch): Record<string, ort.Tensor> {
    this.local.set(this.shared);
    const windows = this.windows(batch);
    const shape = [windows, this.options.context];
    const further = Object.entries(batch.further).map(([name, { data, columns }]) => [
      name,
      new ort.Tensor('float32', data, [windows, columns]),
    ]);
    return {
      ...this.parameters,
      ...(Object.fromEntries(further) as Record<string, ort.Tensor>),
      tokens: new ort.Tensor('int32', batch.tokens, shape),
      targets: new ort.Tensor('int32', batch.targets, shape),
    };
  }

  private session(graph: Record<string, Value>) {
    return createSession(graph, 1, { provider: this.options.provider });
  }
}
