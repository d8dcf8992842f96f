/** Labels of a whole model: search on one half of the text, scores on the other, then the causal half. */
import { labelsOfNode, type Label, type Labels } from '../bundles/labels';
import type { Means } from '../bundles/weights';
import type { Model } from '../runtime/model';
import { siteWidth, type TransformerConfig } from '../transformer/config';
import { allSites, nodeName, type SiteOfModel } from '../transformer/nodes';
import { siteActivations } from './activations';
import { causalScores, type Claim } from './causal';
import { CONCEPTS } from './concepts';
import type { Sample } from './sample';
import { findLabel, Half, type Scored } from './search';

/** Lowest correlation of an accepted label. */
const ACCEPTED = 0.3;
/** One node in this many is also labelled against text that is not its own, to see what chance does. */
const CONTROLS = 8;
/** Windows of the second half in which nodes are ablated. */
const POOL = 24;
/** Numbers of a group of sites that are read together, at most: 1 GB. */
const MOST_READ = 250_000_000;

/** What was found at one site. */
export interface SiteLabels {
  readonly nodes: Labels['nodes'];
  /** Node signs that chance was given to label, and how many labels it got accepted. */
  readonly control: { readonly tried: number; readonly accepted: number };
  /** Node signs that were active often enough to be labelled. */
  readonly tried: number;
}

export interface LabelOptions {
  readonly model: Pick<Model, 'run'>;
  readonly config: TransformerConfig;
  readonly means: Means;
  readonly sample: Sample;
  /** Texts that the sample is of. */
  readonly files: number;
  readonly seed: number;
  /** Sites that an earlier run has done, by name; new ones are added as they are done. */
  readonly sites: Map<string, SiteLabels>;
  /** After each site, so that what was found is kept. */
  readonly onSite: () => void;
  /** Called often; may wait, and throws to cancel. */
  readonly onProgress: (what: string, done: number, total: number) => Promise<void> | void;
}

/** Finds the labels of every node. */
export async function labelModel(options: LabelOptions): Promise<Labels> {
  const { config, sample, sites, files, seed } = options;
  const middle = Math.floor(sample.windows / 2) * sample.context;
  const halves = [
    new Half(sample.table, 0, middle),
    new Half(sample.table, middle, sample.table.positions),
  ] as const;
  const missing = allSites(config).filter(({ name }) => !sites.has(name));
  const all = allSites(config).length;
  for (const group of groupsOf(config, missing, sample.table.positions)) {
    const named = group.map((site) => ({ name: site.name, width: siteWidth(config, site.site) }));
    const activations = await siteActivations(options.model, sample, named, () =>
      options.onProgress('sites', sites.size, all),
    );
    for (const site of group) {
      sites.set(site.name, await labelSite(options, halves, site, activations.get(site.name)!));
      options.onSite();
      await options.onProgress('sites', sites.size, all);
    }
  }
  const found = [...sites.values()];
  const sum = (of: (site: SiteLabels) => number) =>
    found.reduce((total, site) => total + of(site), 0);
  const accepted = sum(({ nodes }) => Object.values(nodes).flatMap(labelsOfNode).length); // prettier-ignore
  const chance =
    sum(({ control }) => control.accepted) /
    Math.max(
      1,
      sum(({ control }) => control.tried),
    );
  const labels: Labels = {
    format: 1,
    text: { windows: sample.windows, context: sample.context, seed, files },
    accepted: {
      correlation: ACCEPTED,
      falseDiscovery: accepted === 0 ? 0 : (chance * sum(({ tried }) => tried)) / accepted,
    },
    concepts: CONCEPTS.map(({ name }) => name),
    nodes: Object.assign({}, ...found.map(({ nodes }) => nodes)) as Labels['nodes'],
  };
  return withCauses(labels, options);
}

function groupsOf(config: TransformerConfig, sites: readonly SiteOfModel[], positions: number) {
  const groups: SiteOfModel[][] = [];
  let room = 0;
  for (const site of sites) {
    const size = siteWidth(config, site.site) * positions;
    if (size > room) {
      groups.push([]);
      room = MOST_READ;
    }
    groups.at(-1)!.push(site);
    room -= size;
  }
  return groups;
}

async function labelSite(
  { config, onProgress, sample }: LabelOptions,
  halves: readonly [Half, Half],
  { layer, site, name }: SiteOfModel,
  activations: Float32Array,
): Promise<SiteLabels> {
  const { positions } = sample.table;
  const middle = halves[0].to;
  const nodes: Labels['nodes'] = {};
  const control = { tried: 0, accepted: 0 };
  // Whole windows and an odd rest apart, so that no position meets its own text.
  const shift = 37 * sample.context + 91;
  let tried = 0;
  for (let index = 0; index < siteWidth(config, site); index++) {
    if (index % 64 === 0) await onProgress(`nodes of ${name}`, index, siteWidth(config, site));
    const own = activations.subarray(index * positions, (index + 1) * positions);
    const node: { positive?: Label; negative?: Label } = {};
    for (const sign of ['positive', 'negative'] as const) {
      const values = sign === 'positive' ? own : own.map((value) => -value);
      const parts = [values.subarray(0, middle), values.subarray(middle)] as const;
      const found = findLabel(halves, ...parts);
      if (!found) continue;
      tried++;
      const { best, tokenOnly } = found;
      // A label that needs the text must do better than one that looks at the token alone.
      const chosen = best.correlation > tokenOnly.correlation ? best : tokenOnly;
      if (chosen.correlation >= ACCEPTED) node[sign] = labelOf(chosen, tokenOnly.correlation);
      if (index % CONTROLS !== 0) continue;
      control.tried++;
      const byChance = findLabel(halves, ...parts, shift);
      if (byChance && byChance.best.correlation >= ACCEPTED) control.accepted++;
    }
    if (node.positive || node.negative) nodes[nodeName({ layer, site, index })] = node;
  }
  return { nodes, control, tried };
}

function labelOf(scored: Scored, tokenOnly: number): Label {
  const round = (value: number) => Number(value.toFixed(3));
  const { terms, threshold, correlation, auroc, f1, precision, recall } = scored;
  return {
    terms: terms.map(({ concept, negated }) => (negated ? -1 : 1) * (concept + 1)),
    threshold: Number(threshold.toPrecision(4)),
    ...{ correlation: round(correlation), auroc: round(auroc), f1: round(f1) },
    ...{ precision: round(precision), recall: round(recall), tokenOnly: round(tokenOnly) },
    causal: null,
  };
}

/** The labels with what ablation says of each. */
async function withCauses(labels: Labels, options: LabelOptions): Promise<Labels> {
  const { model, means, sample, config } = options;
  const widths = new Map(allSites(config).map(({ name, site }) => [name, siteWidth(config, site)]));
  const entries = Object.entries(labels.nodes).flatMap(([node, signs]) =>
    labelsOfNode(signs).map((label) => ({ node, label })),
  );
  const claims = entries.map(({ node, label }): Claim => {
    const dot = node.lastIndexOf('.');
    const site = node.slice(0, dot);
    const terms = label.terms.map((term) => ({ concept: Math.abs(term) - 1, negated: term < 0 }));
    return {
      ...{ site, index: Number(node.slice(dot + 1)), width: widths.get(site)! },
      terms: terms as unknown as Claim['terms'],
    };
  });
  const pool = Math.min(POOL, Math.floor(sample.windows / 2));
  const scores = await causalScores(model, means, sample, claims, pool, (done, total) =>
    options.onProgress('ablations', done, total),
  );
  const round = (value: number) => Number(value.toPrecision(3));
  const causes = new Map<Label | undefined, Label>(
    entries.map(({ label }, i) => {
      const score = scores[i];
      const causal = score && {
        where: round(score.where),
        elsewhere: round(score.elsewhere),
        standardError: round(score.standardError),
      };
      return [label, { ...label, causal }] as const;
    }),
  );
  const nodes = Object.entries(labels.nodes).map(([node, signs]) => [
    node,
    Object.fromEntries(Object.entries(signs).map(([sign, label]) => [sign, causes.get(label)!])),
  ]);
  return { ...labels, nodes: Object.fromEntries(nodes) as Labels['nodes'] };
}
