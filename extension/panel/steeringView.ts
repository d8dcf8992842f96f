/** Steering the dense model, as the panel shows it. */
import type {
  BridgeNodes as Found,
  SteeredCurve,
  SteeredShare,
  SteeringControls as Measured,
} from '../../models/runtime/steer';
import { t } from '../../shared/l10n';
import type { BridgeNodes, Steering, SteeringControls } from '../../webview/protocol';
import { nodeLabel } from '../interventions/describe';
import { labelIn, type Names } from '../nodes/names';
import type { Snapshot } from '../trace/documents';
import { idText } from './nodeText';

/** From nothing to all of a node's change. */
export const STRENGTHS = Array.from({ length: 11 }, (_, i) => i / 10);
/** Tokens that are shown of each prediction, and nodes or channels of a list. */
const TOKENS_EACH = 2;
const LISTED = 8;

export function steeringView(
  node: string,
  { wanted, given, other, curve }: SteeredCurve,
  snapshot: Snapshot,
  names: Names,
): Steering {
  const { info } = snapshot;
  const shown = new Set([wanted, ...[given, ...curve].flatMap(likeliest)]);
  const share = (logprobs: Float32Array, id: number) => Math.exp(logprobs[id]);
  return {
    ...{ ...named(node, snapshot, names), dense: info.bridgedTo ?? '' },
    strengths: STRENGTHS,
    tokens: [...shown].map((id) => ({
      ...{ id, text: idText(snapshot, id), wanted: id === wanted, other: share(other, id) },
      shares: curve.map((logprobs) => share(logprobs, id)),
    })),
  };
}

/** Ids of the largest log-probabilities. */
function likeliest(logprobs: Float32Array): number[] {
  const ids = Array.from(logprobs.keys()).sort((a, b) => logprobs[b] - logprobs[a]);
  return ids.slice(0, TOKENS_EACH);
}

export function controlsView(
  node: string,
  { randomNodes, denseChannels }: Measured,
  snapshot: Snapshot,
  names: Names,
): SteeringControls {
  const ofNode = ({ name, probability }: SteeredShare) => ({
    ...{ ...named(name, snapshot, names), share: probability },
  });
  // A channel of the dense model is no node of this one.
  const ofChannel = ({ name, probability }: SteeredShare) => ({
    ...{ node: name, label: t('channel {0}', name), about: null, share: probability },
  });
  return {
    ...{ node, random: randomNodes.map(ofNode), channelCount: denseChannels.length },
    channels: denseChannels.slice(0, LISTED).map(ofChannel),
  };
}

/** @param concept that the labels of the nodes name; null for all nodes */
export function bridgeNodesView(
  found: Found,
  concept: string | null,
  snapshot: Snapshot,
  names: Names,
): BridgeNodes {
  const { wanted, shareWithout, differing, nodes } = found;
  return {
    ...{
      wanted: idText(snapshot, wanted),
      concept,
      shareWithout,
      differing,
      measured: nodes.length,
    },
    nodes: nodes.slice(0, LISTED).map(({ name, probability }) => ({
      ...{ ...named(name, snapshot, names), share: probability },
    })),
  };
}

/** A node in words, and what it tells: its change between the texts may have either sign. */
function named(node: string, { info }: Snapshot, names: Names) {
  return { node, label: nodeLabel(node, info.config), about: labelIn(names, node, null) };
}
