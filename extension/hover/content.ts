/** What a hover says of a token. */
import { t, whole } from '../../shared/l10n';
import type { TransformerConfig } from '../../models/transformer/config';
import { isCausal, labelFor } from '../../models/bundles/labels';
import { labelScores } from '../labels/scores';
import { ownLabel, type Names } from '../nodes/names';
import type { TokenView } from '../trace/tokenView';
import type { TokenEffects } from '../trace/traces';
import { shownNext, shownText, type ShownToken } from '../trace/shownToken';
import type { LinkPlace } from './links';
import { CANDIDATES, type HoverToken } from './work';

/** How much a hover says. */
export type Detail = 'compact' | 'full';

/** A node with its effect. */
export interface NodeRow {
  readonly node: string;
  readonly activation: number;
  /** Nats. */
  readonly effect: number;
  /** What it is about, in words; null where nobody knows. */
  readonly meaning: string | null;
  /** How good the model's label is, where that is what it is called by; null otherwise. */
  readonly scores: string | null;
}

/** What a hover is about. */
export interface HoverContent {
  readonly view: TokenView;
  /** The nodes that the prediction hangs on, largest effect first; none when that is not known. */
  readonly rows: readonly NodeRow[];
  readonly config: TransformerConfig;
  /** The dense model that the model is bridged to; null for none. */
  readonly bridgedTo: string | null;
  readonly place: LinkPlace;
  readonly detail: Detail;
  /** The token that follows, where another is predicted; null otherwise. */
  readonly whyNot: ShownToken | null;
  /** What the effects are. */
  readonly note: string;
}

const ROWS: Record<Detail, { readonly candidates: number; readonly nodes: number }> = {
  compact: { candidates: 3, nodes: 3 },
  full: { candidates: 5, nodes: 6 },
};

/** What is known besides the token itself. */
interface Known {
  /** Null when they could not be measured in time. */
  readonly effects: TokenEffects | null;
  /** What a node is about, in few words; its label where it has one. */
  readonly meanings: ReadonlyMap<string, string>;
  readonly names: Names;
  readonly detail: Detail;
}

/** The nodes that a hover lists, of the effects that were measured. */
export function shownNodes(effects: TokenEffects | null, detail: Detail): TokenEffects['nodes'] {
  return effects?.nodes.slice(0, ROWS[detail].nodes) ?? [];
}

/** The token's prediction and the nodes that it hangs on. */
export function contentOf(token: HoverToken, place: LinkPlace, known: Known): HoverContent {
  const { view, snapshot, whyNot, count } = token;
  const { effects, meanings, names, detail } = known;
  const { config, bridgedTo } = snapshot.info;
  const rows = shownNodes(effects, detail).map((row): NodeRow => {
    const { node, activation } = row;
    const given = names.given.get(node);
    if (given !== undefined) return { ...row, meaning: ownLabel(given), scores: null };
    const label = names.bundled && labelFor(names.bundled, node, activation);
    const scores = label && labelScores({ label, causal: isCausal(label) });
    return { ...row, meaning: meanings.get(node) ?? null, scores };
  });
  const wanted = ROWS[detail].candidates;
  // What the file has is always among them, and so is what stood first without ablations.
  const candidates = view.candidates.filter(
    ({ observed }, i) => i < wanted || i >= CANDIDATES || observed,
  );
  return {
    view: { ...view, candidates },
    ...{ rows, config, bridgedTo, place, detail },
    whyNot: whyNot && shownNext(snapshot, view.token, whyNot.contrast!),
    note: effects
      ? note(shownText(shownNext(snapshot, view.token, effects.target)), count, detail)
      : t('Effects are not measured yet. Hover again in a moment.'),
  };
}

/** What the effects are: one sentence, and in full how they were chosen. */
function note(target: string, count: number, detail: Detail): string {
  const plain = t(
    'Effect: measured change in the log-probability of {0} (nats) when the node is set to its mean at this token.',
    target,
  );
  if (detail === 'compact') return plain;
  const chosen = t(
    'The largest among those that an estimate ranks highest of {0} active nodes.',
    whole(count),
  );
  return `${plain} ${chosen}`;
}
