/** The graph of a bridged pair cut into pieces, each a function that an emitter prints once. */
import type { Value } from '../graph/ir';
import * as ops from '../graph/ops';
import { CutModel, pieceOf, type Piece } from '../transformer/pieces';
import { cross, decode, divergence, encode, normalisedError } from './graph';
import { bridgeSpecs, DENSE, type BridgedPair, type BridgePart } from './parameters';

/** Inputs of the pieces that are not those of a model. */
const STREAM = 'stream';
const EXPECTED = 'expected';

/** Names of the pieces; the functions of each model have its name before theirs. */
export type BridgePiece =
  | `${'sparse' | 'dense'}_${'embed' | 'attention' | 'mlp' | 'divergence'}`
  | 'sparse_nats'
  | 'dense_logprobs'
  | 'encode'
  | 'decode'
  | 'cross'
  | 'error';

/**
 * The pieces of a pair, for any number of windows of the whole context. Beside those of each model:
 * `encode` and `decode` a stream at a place, `cross` over a bridge in the windows [batch, 1] that are
 * `chosen`, the normalised `error` of a stream, and the `divergence` of the dense model's
 * log-probabilities `expected` [batch, pos, vocab] from the end of a hybrid pass.
 */
export function bridgePieces(pair: BridgedPair): Record<BridgePiece, Piece> {
  const { sparse: sparseConfig, dense: denseConfig } = pair;
  const { context, vocab } = sparseConfig;
  const [sparse, dense] = [new CutModel(sparseConfig), new CutModel(denseConfig, DENSE)];
  const expected = ops.input(EXPECTED, ['batch', context, vocab]);
  const [stream, own] = [STREAM, 'own'].map((name) =>
    ops.input(name, ['batch', context, 'channel']),
  );
  const chosen = ops.input('chosen', ['batch', 1]);
  const [sparseHalves, denseHalves] = [sparse.halves(), dense.halves()];
  const ended = (model: CutModel) =>
    model.ending(divergence(expected, model.logprobs()), [EXPECTED]);
  return {
    sparse_embed: sparse.embed(),
    sparse_attention: sparseHalves.attention,
    sparse_mlp: sparseHalves.mlp,
    dense_embed: dense.embed(),
    dense_attention: denseHalves.attention,
    dense_mlp: denseHalves.mlp,
    encode: bridge(pair, 'encoder'),
    decode: bridge(pair, 'decoder'),
    cross: pieceOf(cross(chosen, stream, own), ['chosen', STREAM, 'own'], new Map()),
    error: pieceOf(normalisedError(stream, own), [STREAM, 'own'], new Map()),
    sparse_nats: sparse.nats(),
    dense_logprobs: dense.ending(dense.logprobs()),
    sparse_divergence: ended(sparse),
    dense_divergence: ended(dense),
  };
}

/** One place's encoder or decoder, with the parameters of the first place. */
function bridge(pair: BridgedPair, part: BridgePart): Piece {
  const { layers, context, dModel } = pair.sparse;
  const sizes = { layers, sparse: dModel, dense: pair.dense.dModel };
  const parameters = new Map(
    bridgeSpecs(sizes).map(({ name, shape }) => [name, ops.input(name.split('.').at(-1)!, shape)]),
  );
  const width = part === 'encoder' ? pair.dense.dModel : dModel;
  const stream = ops.input(STREAM, ['batch', context, width]);
  const output: Value =
    part === 'encoder'
      ? encode(pair, { parameters }, 0, stream)
      : decode({ parameters }, 0, stream);
  return pieceOf(output, [STREAM], parameters);
}
