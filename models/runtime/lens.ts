/**
 * The logit lens at one token: what the model would predict if it ended after each layer. It is not what
 * the model computes there: later layers read the stream by other directions than the unembedding's, so
 * that what the lens does not see may well be in the stream already.
 */
import { LOGPROBS, streamOutput } from '../transformer/graphs';
import { compileEdges } from '../inference/edgeEdits';
import type { Engine } from '../inference/engine';
import { compileInterventions, type Intervention } from '../inference/interventions';
import { chooseTarget } from '../inference/target';
import type { Position } from '../inference/textTokens';

export interface LensRequest {
  readonly text: string;
  /** Token after which the prediction is made. */
  readonly position: Position;
  readonly interventions: readonly Intervention[];
  /** Token id whose rank is told; by default the one that follows, at the text's end the likeliest. */
  readonly target?: number;
}

/** What the stream after some layers would predict. */
export interface LensRow {
  /** Layers that have written to the stream: 0 for the embedding alone. */
  readonly layers: number;
  /** The likeliest token, and its log-probability (nats). */
  readonly top: { readonly id: number; readonly logprob: number };
  /** Log-probability (nats) of the target, and its rank: 1 for the likeliest. */
  readonly logprob: number;
  readonly rank: number;
}

export interface Lens {
  /** Hash of the bundle. */
  readonly bundle: string;
  readonly position: number;
  readonly target: number;
  /** Whether the bigram table's row is part of every prediction, as it is of the model's own. */
  readonly bigram: boolean;
  /** The embedding first; the last row is the model's own prediction. */
  readonly rows: readonly LensRow[];
}

/** Reads the residual stream of a token after each layer. */
export async function lens(engine: Engine, request: LensRequest): Promise<Lens> {
  const { config, model, info } = engine;
  const { dModel, vocab, layers } = config;
  const tokens = engine.tokensOf(request.text);
  const position = tokens.locate(request.position);
  const range = { start: tokens.window(position).start, end: position + 1 };
  const ids = tokens.ids(range);
  const row = ids.length - 1;
  const names = Array.from({ length: layers + 1 }, (_, count) => streamOutput(count));
  const pass = await model.run({
    ...{ batch: 1, tokens: ids, read: Int32Array.of(row) },
    edits: compileInterventions(request.interventions, engine, range),
    edges: compileEdges(request.interventions, engine, range),
    outputs: [LOGPROBS, ...names],
  });
  const target = chooseTarget(request, pass.get(LOGPROBS)!).id;
  const streams = new Float32Array(names.length * dModel);
  names.forEach((name, i) => {
    streams.set(pass.get(name)!.subarray(row * dModel, (row + 1) * dModel), i * dModel);
  });
  const found = await (await model.lens()).run(streams, ids[row]);
  const rows = names.map((_, count) =>
    rowOf(count, found.subarray(count * vocab, (count + 1) * vocab), target),
  );
  return { ...{ bundle: info.hash, position, target, rows }, bigram: config.bigram !== 'none' };
}

function rowOf(layers: number, logprobs: Float32Array, target: number): LensRow {
  const logprob = logprobs[target];
  let [best, above] = [0, 0];
  logprobs.forEach((value, id) => {
    if (value > logprobs[best]) best = id;
    if (value > logprob) above++;
  });
  return { layers, top: { id: best, logprob: logprobs[best] }, logprob, rank: above + 1 };
}
