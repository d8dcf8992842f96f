/** Prompts as inputs of mask graphs: few runs of about one length. */
import type { NumberArray, NumberArrays } from '../graph/numbers';
import type { Prompt } from '../tasks/prompts';

/** Tokens of one forward run: of more, the activations of a layer no longer fit a core's cache. */
export const RUN_TOKENS = 512;
/** Lengths are rounded up to these, so that few graphs serve all prompts. */
const LENGTH_STEP = 8;

/** A scale and shift of the answers' logit difference. */
export interface Calibration {
  readonly scale: number;
  readonly shift: number;
}

/** The same, or a shift that each batch finds for itself. */
export interface GradientCalibration {
  readonly scale: number;
  readonly shift: number | 'centred';
}

/** Indices of prompts in chunks of about one length, few enough for a run. */
export function chunksByLength(prompts: readonly Prompt[]): number[][] {
  const order = prompts.map((_, i) => i);
  order.sort((a, b) => prompts[a].tokens.length - prompts[b].tokens.length);
  const chunks: number[][] = [];
  for (const i of order) {
    const chunk = chunks.at(-1);
    const { length } = prompts[i].tokens;
    const fits =
      chunk &&
      (chunk.length + 1) * length <= RUN_TOKENS / 2 &&
      length - prompts[chunk[0]].tokens.length < LENGTH_STEP;
    if (fits) chunk.push(i);
    else chunks.push([i]);
  }
  return chunks;
}

/** Length of a graph that serves some prompts. */
export function roundedLength(prompts: readonly Prompt[], context: number): number {
  const longest = Math.max(...prompts.map(({ tokens }) => tokens.length));
  return Math.min(Math.ceil(longest / LENGTH_STEP) * LENGTH_STEP, context);
}

/**
 * Texts padded at their end, where no earlier position sees it.
 * @param answers tokens that answers are made of, in the order of the graph
 */
export function promptFeeds(
  prompts: readonly Prompt[],
  length: number,
  answers: readonly number[],
): NumberArrays {
  const batch = prompts.length;
  const tokens = new Int32Array(batch * length);
  prompts.forEach((prompt, row) => {
    tokens.set(prompt.tokens, row * length);
  });
  const perPrompt = (value: (prompt: Prompt) => number): NumberArray => ({
    data: Int32Array.from(prompts, value),
    dims: [batch, 1],
  });
  const read = new Float32Array(batch * length);
  prompts.forEach((prompt, row) => (read[row * length + prompt.tokens.length - 1] = 1));
  const places = new Map(answers.map((token, place) => [token, place]));
  return {
    tokens: { data: tokens, dims: [batch, length] },
    index: { data: Int32Array.from({ length }, (_, i) => i), dims: [length] },
    read: { data: read, dims: [batch, 1, length] },
    last: perPrompt((prompt) => prompt.tokens.at(-1)!),
    first: perPrompt(({ first }) => places.get(first)!),
    second: perPrompt(({ second }) => places.get(second)!),
  };
}

/** What a graph of the loss takes beside that. */
export function lossFeeds(
  prompts: readonly Prompt[],
  { scale, shift }: GradientCalibration,
): NumberArrays {
  const number = (value: number): NumberArray => ({ data: Float32Array.of(value), dims: [] });
  return {
    scale: number(scale),
    shift: number(shift === 'centred' ? 0 : shift),
    centre: number(shift === 'centred' ? 1 : 0),
    sign: { data: Float32Array.from(prompts, ({ sign }) => sign), dims: [prompts.length] },
  };
}
