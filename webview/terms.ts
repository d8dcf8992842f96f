/** The field's words, each in one sentence: shown where a word stands and the pointer rests on it. */
import { t } from '../shared/l10n';

export const TERMS = {
  node: t(
    'A node is one channel at one place of one layer: what a head reads or writes, a query, key or value channel, or an MLP neuron.',
  ),
  channel: t(
    'A channel is one of the numbers that a place of the model has at every token, the same one at each.',
  ),
  token: t(
    'A token is a piece of text that the model reads at once: a word, a part of one, or a sign.',
  ),
  place: t(
    'The token at which the node is active; empty where it is the one that predicts what comes next.',
  ),
  about: t(
    'What the node reads or raises most strongly by its weights, or the label that it was given.',
  ),
  activation: t('The activation is the number that a node has at a token.'),
  now: t('The activation with the ablations that are on.'),
  other: t(
    'The activation at the same token of the other text, which the effect puts into this one.',
  ),
  mean: t(
    'The mean is the average activation over the training data; a node set to it says nothing about this text.',
  ),
  effect: t(
    'The effect is the change of the log-probability when the node is set to its mean, found by running the model again.',
  ),
  groupEffect: t(
    'The effects of the nodes, each measured alone, added up; what the group does as a whole may differ and can be measured.',
  ),
  nats: t(
    'Nats measure a change of log-probability: −0.7 halves the probability, −2.3 leaves a tenth of it.',
  ),
  share: t('The probability that the model gives to the token.'),
  edge: t(
    'An edge is a weight that is not zero between two nodes; it carries weight × activation.',
  ),
  weight: t('The weight is a number of the model, the same in every text.'),
  contribution: t('The contribution is weight × activation of the node that the edge comes from.'),
  sink: t('The sink is where a head looks when there is nothing in the text for it to take.'),
  stream: t(
    'The residual stream is what the layers pass on: each reads it and adds to it, and the end of the model reads the prediction off it.',
  ),
  rank: t(
    'The rank is the place of the token among all tokens by probability; 1 is the likeliest.',
  ),
  query: t(
    'Queries (Q), keys (K) and values (V) are channels by which a head chooses where to look and what it takes along.',
  ),
  reads: t('What flows into the node: weights from other nodes, by what they carry at this token.'),
  writes: t('Where the activation of the node goes: weights to other nodes.'),
  promotes: t(
    'Tokens whose log-probability the node raises most, straight through the residual stream.',
  ),
  suppresses: t(
    'Tokens whose log-probability it lowers most, straight through the residual stream.',
  ),
  excitedBy: t('Tokens whose embedding alone makes the node most positive.'),
  inhibitedBy: t('Tokens whose embedding alone makes the node most negative.'),
} as const;

/** A word of the field. */
export type Term = keyof typeof TERMS;
