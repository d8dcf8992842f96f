/** The model as a file of PyTorch, printed from the graph that ONNX Runtime runs too. */
import { emitTorch, TORCH_PRELUDE } from '../../graph/torch';
import type { TransformerConfig } from '../../transformer/config';
import { forwardPieces, RESIDUAL, TARGETS, TOKENS, type Piece } from '../../transformer/pieces';

/** Source of `model.py`: the pieces as functions, and a module that joins them. */
export function modelSource(config: TransformerConfig): string {
  const { embed, layer, nats } = forwardPieces(config);
  const emit = (name: string, purpose: string, piece: Piece, first: readonly string[]) => {
    const inputs = [...first, ...piece.parameters.map(({ input }) => input)];
    return emitTorch({ name, purpose, outputs: [piece.output], inputs, labels: piece.labels });
  };
  return [
    '"""The model, printed from its graph: do not edit. Axes are named beside every array."""\n' +
      TORCH_PRELUDE,
    emit('embed', 'The residual stream before the first layer.', embed, [TOKENS]),
    emit('layer', 'The residual stream after a layer.', layer, [RESIDUAL]),
    emit('nats', 'Loss of every target, in nats.', nats, [RESIDUAL, TOKENS, TARGETS]),
    moduleSource(config.layers, { embed, layer, nats }),
  ].join('\n\n');
}

/** A module whose parameters go by the names that the bundle has for them. */
function moduleSource(layers: number, pieces: ReturnType<typeof forwardPieces>): string {
  const names = (piece: Piece) =>
    `[\n${piece.parameters.map(({ name }) => `    "${name.replace(/^layers\.0\./, 'layers.{}.')}",\n`).join('')}]`;
  return `LAYERS = ${layers}
EMBED_PARAMETERS = ${names(pieces.embed)}
LAYER_PARAMETERS = ${names(pieces.layer)}
NATS_PARAMETERS = ${names(pieces.nats)}


class Model(torch.nn.Module):
    """The transformer over given tensors, by the names that a bundle has for them."""

    def __init__(self, named):
        super().__init__()
        self.named = named
        self.embed, self.layer, self.nats = embed, layer, nats
        for name, tensor in named.items():
            if isinstance(tensor, torch.nn.Parameter):
                self.register_parameter(name.replace(".", "_"), tensor)

    def take(self, names, layer=0):
        return [self.named[name.format(layer)] for name in names]

    def forward(self, tokens, targets):
        """Loss of every target in nats [batch, pos]; tokens and targets are int32 [batch, pos]."""
        residual = self.embed(tokens, *self.take(EMBED_PARAMETERS))
        for layer in range(LAYERS):
            residual = self.layer(residual, *self.take(LAYER_PARAMETERS, layer))
        with torch.autocast(tokens.device.type, enabled=False):  # A loss in few digits learns worse.
            return self.nats(residual.float(), tokens, targets, *self.take(NATS_PARAMETERS))
`;
}
