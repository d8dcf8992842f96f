/** The field's words, each in one sentence: shown where a word stands and the pointer rests on it. */
import { t } from '../shared/l10n';

export const TERMS = {
  node: t(
    'A node is one channel at one site of a layer: a residual read or write, a query, key or value channel, or an MLP neuron.',
  ),
  channel: t(
    'A channel is one coordinate of an activation vector of the model, the same one at every token.',
  ),
  token: t(
    'A token is a unit of text that the model reads: a word, part of a word, or punctuation.',
  ),
  place: t('The token at which the node is active; empty if it is where the prediction is made.'),
  about: t('What the node reads or raises most strongly by its weights, or its label.'),
  activation: t('The activation is the value of a node at a token.'),
  now: t('The activation with the ablations applied.'),
  other: t(
    'The activation at the same token of the other text, which the effect patches into this one.',
  ),
  mean: t(
    'The mean is the average activation over the training data; a node set to it says nothing about this text.',
  ),
  effect: t(
    'The effect is the change in log-probability when the node is set to its mean, measured by rerunning the model.',
  ),
  groupEffect: t(
    'The sum of the nodes’ effects, each measured alone; the effect of the whole group may differ and can be measured.',
  ),
  nats: t(
    'Nats measure changes in log-probability: −0.7 halves the probability, −2.3 divides it by ten.',
  ),
  share: t('The probability that the model assigns to the token.'),
  edge: t('An edge is a nonzero weight between two nodes; it carries weight × activation.'),
  weight: t('The weight is a parameter of the model, the same for every text.'),
  contribution: t('The contribution is weight × activation of the edge’s source node.'),
  sink: t('The sink takes the attention that a head gives to no token.'),
  stream: t(
    'The residual stream connects the layers: each reads from it and adds to it, and the prediction is read from it at the end.',
  ),
  rank: t('The rank is the token’s position among all tokens by probability; 1 is the likeliest.'),
  query: t(
    'By queries (Q) and keys (K) a head chooses where to attend; values (V) are what it moves from there.',
  ),
  reads: t('Inputs of the node: weights from other nodes, by what they carry at this token.'),
  writes: t('Outputs of the node: weights to other nodes.'),
  promotes: t(
    'Tokens whose log-probability the node raises most, directly through the residual stream.',
  ),
  suppresses: t(
    'Tokens whose log-probability it lowers most, directly through the residual stream.',
  ),
  excitedBy: t('Tokens whose embedding alone makes the node most positive.'),
  inhibitedBy: t('Tokens whose embedding alone makes the node most negative.'),
} as const;

/** A word of the field. */
export type Term = keyof typeof TERMS;
