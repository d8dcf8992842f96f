/** The training graph in ONNX Runtime: gradients and held-out losses of one replica's windows. */
import { ort } from '../onnxRuntime';
import { createSession } from '../runtime/session';
import { evaluationGraph, gradientOutput, LOSS_OUTPUT, trainingGraph } from '../transformer/graphs';
import { parameterSpecs, type Weights } from '../transformer/parameters';
import type { TrainingConfig } from './config';
import type { Batch } from './data';
import { trainedSlots, view, type Slot } from './layout';

/** Forward and backward passes on the shared weights, on one thread. */
export class StepRunner {
  private readonly slots: Slot[];
  private readonly local: Float32Array;
  private readonly parameters: Record<string, ort.Tensor> = {};
  private training: ort.InferenceSession | null = null;
  private evaluation: ort.InferenceSession | null = null;

  /** `shared` are the trained weights, flat; `fixed` the parameters that training leaves alone. */
  constructor(
    private readonly config: TrainingConfig,
    private readonly shared: Float32Array,
    fixed: Weights,
  ) {
    const { slots, total } = trainedSlots(config.model);
    this.slots = slots;
    // ONNX Runtime cannot read shared memory, so each step starts from a copy.
    this.local = new Float32Array(total);
    const bySlot = new Map(slots.map((slot) => [slot.spec.name, view(this.local, slot)]));
    for (const { name, shape } of parameterSpecs(config.model)) {
      const data = bySlot.get(name) ?? fixed.get(name);
      if (!data) throw new Error(`training: parameter '${name}' has no numbers`);
      this.parameters[name] = new ort.Tensor('float32', data, shape);
    }
  }

  /** Loss (nats/token) of a batch; its gradient is written to `gradient`, flat. */
  async gradient(batch: Batch, gradient: Float32Array): Promise<number> {
    this.training ??= await this.session(trainingGraph, batch);
    const results = await this.training.run(this.feeds(batch));
    for (const slot of this.slots) {
      view(gradient, slot).set(results[gradientOutput(slot.spec.name)].data as Float32Array);
    }
    return (results[LOSS_OUTPUT].data as Float32Array)[0];
  }

  /** Loss (nats/token) of a batch of the training batch's size. */
  async loss(batch: Batch): Promise<number> {
    this.evaluation ??= await this.session(evaluationGraph, batch);
    const results = await this.evaluation.run(this.feeds(batch));
    return (results[LOSS_OUTPUT].data as Float32Array)[0];
  }

  /** Frees the sessions. */
  async release(): Promise<void> {
    await this.training?.release();
    await this.evaluation?.release();
  }

  private feeds(batch: Batch): Record<string, ort.Tensor> {
    this.local.set(this.shared);
    const shape = [batch.tokens.length / this.config.model.context, this.config.model.context];
    return {
      ...this.parameters,
      tokens: new ort.Tensor('int32', batch.tokens, shape),
      targets: new ort.Tensor('int32', batch.targets, shape),
    };
  }

  private session(graph: typeof trainingGraph, batch: Batch) {
    const { model, provider } = this.config;
    return createSession(graph(model, batch.tokens.length / model.context), 1, { provider });
  }
}
