/** The weight matrices of a layer, and the sites that they join. */
import { siteWidth, type LayerSite, type TransformerConfig } from './config';

/** A weight matrix [input, output] of a layer and the sites that it joins. */
export interface LayerMatrix {
  readonly from: LayerSite;
  readonly to: LayerSite;
  /** In the parameter's name: `layers.L.{part}.weight`. */
  readonly part: 'attn.q' | 'attn.k' | 'attn.v' | 'attn.out' | 'mlp.in' | 'mlp.out';
}

/**
 * The six matrices of a layer. The attention output's input is the values mixed over earlier
 * positions: its edges lead from a value at any of them.
 */
export const LAYER_MATRICES: readonly LayerMatrix[] = [
  { from: 'attn.act_in', to: 'attn.q', part: 'attn.q' },
  { from: 'attn.act_in', to: 'attn.k', part: 'attn.k' },
  { from: 'attn.act_in', to: 'attn.v', part: 'attn.v' },
  { from: 'attn.v', to: 'attn.resid_delta', part: 'attn.out' },
  { from: 'mlp.act_in', to: 'mlp.post_act', part: 'mlp.in' },
  { from: 'mlp.post_act', to: 'mlp.resid_delta', part: 'mlp.out' },
];

/** Every matrix of the model: `layers.0.attn.q` and so on, [input, output]. */
export function matrices(config: TransformerConfig) {
  return Array.from({ length: config.layers }, (_, layer) =>
    LAYER_MATRICES.map(({ part, from, to }) => ({
      name: `layers.${layer}.${part}`,
      inputs: siteWidth(config, from),
      outputs: siteWidth(config, to),
    })),
  ).flat();
}
