/** What a node is called beside its place: a label that a person gave, told apart by its quotes, or the model's. */
import { t } from '../../shared/l10n';
import { labelFor, labelText, type Labels as ModelLabels } from '../../models/bundles/labels';
import type { Intervention } from '../../models/inference/interventions';
import type { GivenLabels, LabelledModel } from '../../models/labels/given';
import type { NodeLabels } from '../labels/labels';
import type { NodeMeanings } from './meaning';

/** All labels of a model's nodes. */
export interface Names {
  /** Those that people gave. */
  readonly given: GivenLabels;
  /** Those that the model came with; null where it has none. */
  readonly bundled: ModelLabels | null;
}

/** The parts that know labels. */
export interface NameParts {
  readonly labels: NodeLabels;
  readonly meanings: NodeMeanings;
}

/** All labels of a model. */
export async function namesOf(
  { labels, meanings }: NameParts,
  info: LabelledModel,
): Promise<Names> {
  const [bundled] = await Promise.all([meanings.labels(info), labels.load(info)]);
  return { given: labels.of(info), bundled };
}

/** A label that a person gave, in quotes that no other has. */
export function ownLabel(given: string): string {
  return t('“{0}”', given);
}

/**
 * What a list says of a node: a person's label, else the model's for such an activation, else that it has
 * none; nothing where the model came without labels.
 * @param activation null where the list is about no token: then the labels of both signs
 */
function nameIn(names: Names, node: string, activation: number | null): string {
  return labelIn(names, node, activation) ?? (names.bundled ? t('no label') : '');
}

/** The same, null for a node without a label. */
export function labelIn(
  { given, bundled }: Names,
  node: string,
  activation: number | null,
): string | null {
  const own = given.get(node);
  if (own !== undefined) return ownLabel(own);
  if (!bundled) return null;
  const of = (size: number) => {
    const label = labelFor(bundled, node, size);
    return label && labelText(bundled, label);
  };
  if (activation !== null) return of(activation);
  const [up, down] = [of(1), of(-1)];
  const both = [...(up === null ? [] : [`+ ${up}`]), ...(down === null ? [] : [`− ${down}`])];
  return both.length === 0 ? null : both.join(' · ');
}

/** The same before the node's name, as lists search them. */
export function describedIn(names: Names, node: string, activation: number | null): string {
  return beside(nameIn(names, node, activation), node);
}

/** A label before its node's name; without the pictures that `$(name)` would stand for in a list. */
export function beside(label: string, node: string): string {
  return label === '' ? node : `${label.replaceAll('$(', '$ (')}  ${node}`;
}

/** What is said of an ablation of one node; nothing of several, of a weight, or of another model's. */
export function nameOfAblated(
  names: Names | null,
  { nodes, into }: Pick<Intervention, 'nodes' | 'into'>,
): string {
  return names && nodes.length === 1 && into === undefined ? nameIn(names, nodes[0], null) : '';
}
