/** The nodes of a model as rows to choose from, the strongest at a token first. */
import { signed } from '../../shared/format';
import { t } from '../../shared/l10n';
import type { TransformerConfig } from '../../models/transformer/config';
import { siteWidth } from '../../models/transformer/config';
import { allSites, nodeName } from '../../models/transformer/nodes';
import { nodeLabel } from '../interventions/describe';
import { describedIn, type Names } from '../nodes/names';
import type { ActiveNode } from '../trace/tokenTrace';
import type { NodeEffect } from '../trace/traces';

const STRONGEST = 12;

export interface NodeRow {
  readonly label: string;
  /** What people search by as well: the label, and the node's name. */
  readonly description: string;
  /** Numbers, which nobody searches by. */
  readonly detail?: string;
  readonly node: string;
}

/** Rows under one heading. */
export interface NodeGroup {
  readonly title: string;
  readonly rows: readonly NodeRow[];
}

/** The row of a node that is active, with its effect where that is known. */
export function activeRow(
  config: TransformerConfig,
  names: Names,
  active: ActiveNode | NodeEffect,
): NodeRow {
  const { node, activation } = active;
  const effect = 'effect' in active ? `${t('effect {0} nats', signed(active.effect))} · ` : '';
  const detail = effect + t('activation {0}', signed(activation));
  return { ...nodeRow(config, names, node, activation), detail };
}

/**
 * The row of a node.
 * @param activation null where the list is about no token
 */
export function nodeRow(
  config: TransformerConfig,
  names: Names,
  node: string,
  activation: number | null,
): NodeRow {
  const description = describedIn(names, node, activation);
  return { label: nodeLabel(node, config), description, node };
}

/**
 * All nodes: active ones in the order given, then those that are not active.
 * @param active with effects where these are known
 */
export function nodeGroups(
  config: TransformerConfig,
  names: Names,
  active: readonly (ActiveNode | NodeEffect)[],
): NodeGroup[] {
  const measured = active.some((node) => 'effect' in node);
  const rows = active.map((one) => activeRow(config, names, one));
  const seen = new Set(active.map(({ node }) => node));
  const all = allSites(config).flatMap(({ layer, site }) =>
    Array.from({ length: siteWidth(config, site) }, (_, index) => nodeName({ layer, site, index })),
  );
  return [
    {
      title: measured
        ? t('largest effect on the prediction when ablated at this token')
        : t('most active here'),
      rows: rows.slice(0, STRONGEST),
    },
    { title: t('active here'), rows: rows.slice(STRONGEST) },
    {
      title: t('not active here'),
      rows: all.filter((node) => !seen.has(node)).map((node) => nodeRow(config, names, node, null)),
    },
  ];
}
