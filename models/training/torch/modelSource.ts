/** The model as a file of PyTorch, printed from the graph that ONNX Runtime runs too. */
import { TERMS } from '../../bridges/graph';
import { bridgePieces, type BridgePiece } from '../../bridges/pieces';
import type { BridgedPair } from '../../bridges/parameters';
import { emitTorch } from '../../graph/torch';
import { TORCH_PRELUDE } from '../../graph/torchPrelude';
import type { TransformerConfig } from '../../transformer/config';
import { forwardPieces, type Piece } from '../../transformer/pieces';

/** A function to be printed. */
interface Printed {
  readonly piece: Piece;
  /** What it computes, in a sentence. */
  readonly purpose: string;
  /** Whether a compiler is worth its time there. */
  readonly compiled: boolean;
}

/** Source of `model.py` for a model alone: the pieces as functions, and a module that joins them. */
export function modelSource(config: TransformerConfig): string {
  const { embed, layer, nats } = forwardPieces(config);
  const functions = {
    embed: { piece: embed, purpose: EMBED, compiled: false },
    layer: { piece: layer, purpose: 'The residual stream after a layer.', compiled: true },
    nats: { piece: nats, purpose: NATS, compiled: true },
  };
  return source(['crossEntropy'], config.layers, functions, FORWARD);
}

/** The same for a sparse model beside a dense one, with bridges between them. */
export function pairSource(pair: BridgedPair): string {
  const pieces = bridgePieces(pair);
  const functions = Object.entries(PAIR_PURPOSES).map(([name, purpose]) => [
    name,
    { piece: pieces[name as BridgePiece], purpose, compiled: !name.endsWith('embed') },
  ]);
  return source(
    TERMS,
    pair.sparse.layers,
    Object.fromEntries(functions) as Record<string, Printed>,
    PAIR_FORWARD,
  );
}

const EMBED = 'The residual stream before the first layer.';
const NATS = 'Loss of every target, in nats.';
const ATTENTION = 'The residual stream after an attention.';
const MLP = 'The residual stream after an MLP.';
const DIVERGENCE = 'Divergence (nats/token) of the dense model from a pass that ends here.';
const PAIR_PURPOSES: Readonly<Record<BridgePiece, string>> = {
  sparse_embed: EMBED,
  sparse_attention: ATTENTION,
  sparse_mlp: MLP,
  dense_embed: EMBED,
  dense_attention: ATTENTION,
  dense_mlp: MLP,
  encode: 'A dense residual stream in the channels of the sparse model.',
  decode: 'A sparse residual stream in the channels of the dense model.',
  cross: 'The bridged stream in the windows that change model here, its own in the others.',
  error: 'Squared error of a stream over the variance of what it should be.',
  sparse_nats: NATS,
  dense_logprobs: 'Log-probabilities of every token, in nats.',
  sparse_divergence: DIVERGENCE,
  dense_divergence: DIVERGENCE,
};

function source(
  terms: readonly string[],
  layers: number,
  functions: Readonly<Record<string, Printed>>,
  forward: string,
): string {
  const emitted = Object.entries(functions).map(([name, { piece, purpose }]) => {
    const inputs = [...piece.arrays, ...piece.parameters.map(({ input }) => input)];
    return emitTorch({ name, purpose, outputs: [piece.output], inputs, labels: piece.labels });
  });
  return [
    '"""The model, printed from its graph: do not edit. Axes are named beside every array."""\n' +
      TORCH_PRELUDE,
    ...emitted,
    moduleSource(terms, layers, functions) + forward,
  ].join('\n\n');
}

/** A module whose parameters go by the names that the bundle has for them. */
function moduleSource(
  terms: readonly string[],
  layers: number,
  functions: Readonly<Record<string, Printed>>,
): string {
  const all = Object.entries(functions);
  const list = (names: readonly string[]) => `[${names.map((name) => `"${name}"`).join(', ')}]`;
  const parameters = all.map(([name, { piece }]) => {
    const names = piece.parameters.map((each) => `        "${eachLayer(each.name)}",\n`);
    return `    "${name}": [\n${names.join('')}    ],\n`;
  });
  const compiled = all.filter(([, each]) => each.compiled).map(([name]) => name);
  return `LAYERS = ${layers}
TERMS = ${list(terms)}  # What \`forward\` returns, in this order.
COMPILED = ${list(compiled)}  # Worth a compiler's time.
PARAMETERS = {
${parameters.join('')}}


class Model(torch.nn.Module):
    """The transformer over given tensors, by the names that a bundle has for them."""

    def __init__(self, named):
        super().__init__()
        self.named = named
        for name in PARAMETERS:
            setattr(self, name, globals()[name])
        for name, tensor in named.items():
            if isinstance(tensor, torch.nn.Parameter):
                self.register_parameter(name.replace(".", "_"), tensor)

    def run(self, name, *arrays, at=0):
        """What a function of this file makes of arrays, with the parameters of a layer or a place."""
        taken = [self.named[each.format(at)] for each in PARAMETERS[name]]
        return getattr(self, name)(*arrays, *taken)
`;
}

/** `layers.0.attn.q.weight` with a place for the number. */
const eachLayer = (name: string) => name.replace(/^((?:dense\.)?layers|bridge)\.0\./, '$1.{}.');

const FORWARD = `
    def forward(self, tokens, targets):
        """The mean loss [1] (nats/token); tokens and targets are int32 [batch, pos]."""
        residual = self.run("embed", tokens)
        for layer in range(LAYERS):
            residual = self.run("layer", residual, at=layer)
        with torch.autocast(tokens.device.type, enabled=False):  # A loss in few digits learns worse.
            return self.run("nats", residual.float(), tokens, targets).mean().reshape(1)
`;

const PAIR_FORWARD = `
    def passed(self, model, tokens, bridged=None, chosen=None):
        """Residual streams of a model, at every place and last after all layers. In a hybrid pass a
        window goes on with the bridged stream at the place that is chosen for it [batch, place]."""
        streams = [self.run(model + "_embed", tokens)]
        for place in range(2 * LAYERS):
            if bridged:
                at = chosen[:, place : place + 1]
                streams[-1] = self.run("cross", at, bridged[place], streams[-1])
            half = "_mlp" if place % 2 else "_attention"
            streams.append(self.run(model + half, streams[-1], at=place // 2))
        return streams

    def forward(self, tokens, targets, to_sparse, to_dense):
        """The terms [term]. tokens and targets are int32 [batch, pos]; to_sparse and to_dense are 1 at
        the place [batch, place] where a window's hybrid pass changes model."""
        sparse, dense = self.passed("sparse", tokens), self.passed("dense", tokens)
        encoded = [self.run("encode", x, at=place) for place, x in enumerate(dense[:-1])]
        decoded = [self.run("decode", x, at=place) for place, x in enumerate(sparse[:-1])]
        end = self.passed("sparse", tokens, encoded, to_sparse)[-1].float()
        dense_end = self.passed("dense", tokens, decoded, to_dense)[-1].float()
        with torch.autocast(tokens.device.type, enabled=False):  # Losses in few digits learn worse.
            expected = self.run("dense_logprobs", dense[-1].float(), tokens)

            def error(ours, theirs):
                pairs = zip(ours, theirs)
                return torch.stack([self.run("error", x.float(), y.float()) for x, y in pairs]).mean()

            return torch.stack([
                self.run("sparse_nats", sparse[-1].float(), tokens, targets).mean(),
                error(encoded, sparse),
                error(decoded, dense),
                self.run("sparse_divergence", end, tokens, expected),
                self.run("dense_divergence", dense_end, tokens, expected),
            ])
`;
