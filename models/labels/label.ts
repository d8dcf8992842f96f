/** Labels of a whole model, site by site: search on one half of the text, scores on the other, causes. */
import { FORMAT, type Change, type Label, type Labels } from '../bundles/labels';
import type { Means } from '../bundles/weights';
import type { Model } from '../inference/model';
import { siteWidth, type TransformerConfig } from '../transformer/config';
import { activationSites, nodeName, type SiteOfModel } from '../transformer/nodes';
import { siteActivations } from './activations';
import { causalScores, type CausalScore, type Claim } from './causal';
import { CONCEPTS } from './concepts';
import type { Terms } from './half';
import { SIGNS, type FoundNodes, type NodeSearcher } from './nodeSearch';
import type { Sample } from './sample';
import { ACCEPTED } from './search';

/** Windows of the second half in which nodes are ablated. */
const POOL = 24;
/** Numbers of a group of sites that are read together, at most: 1 GB. */
const MOST_READ = 250_000_000;
/** Nodes that a searcher is given at a time. */
const AT_ONCE = 16;

/** What was found at one site. */
export interface SiteLabels {
  readonly nodes: Labels['nodes'];
  /** Windows in which each node was ablated; 0 before that. */
  readonly ablated: number;
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
  /** What looks for labels in the sample, at the same time. */
  readonly searchers: readonly NodeSearcher[];
  /** Texts that the sample is of. */
  readonly files: number;
  readonly seed: number;
  /** Windows in which each node is ablated; 0 for none. */
  readonly ablations: number;
  /** Sites that an earlier run has done, by name; new ones are added as they are done. */
  readonly sites: Map<string, SiteLabels>;
  /** After each step of a site, so that what was found is kept. */
  readonly onSite: () => void;
  /** Called often; may wait, and throws to cancel. */
  readonly onProgress: (what: string, done: number, total: number) => Promise<void> | void;
}

/** Finds the labels of every node, site by site, and then asks ablation about them. */
export async function labelModel(options: LabelOptions): Promise<Labels> {
  const { config, sample, sites, files, seed } = options;
  const missing = activationSites(config).filter(({ name }) => !sites.has(name));
  for (const group of groupsOf(config, missing, sample.table.positions)) {
    const named = group.map((site) => ({ name: site.name, width: siteWidth(config, site.site) }));
    const activations = await siteActivations(options.model, sample, named, (done) =>
      options.onProgress('activations, windows', done, sample.windows),
    );
    for (const site of group) {
      sites.set(site.name, await labelSite(options, site, activations.get(site.name)!));
      activations.delete(site.name);
      options.onSite();
    }
  }
  for (const { name } of activationSites(config)) {
    const site = sites.get(name)!;
    if (site.ablated >= options.ablations) continue;
    sites.set(name, await withCauses(options, name, site));
    options.onSite();
  }
  const found = activationSites(config).map(({ name }) => sites.get(name)!);
  const sum = (of: (site: SiteLabels) => number) =>
    found.reduce((total, site) => total + of(site), 0);
  return {
    format: FORMAT,
    text: { windows: sample.windows, context: sample.context, seed, files },
    ablations: Math.min(...found.map(({ ablated }) => ablated)),
    accepted: {
      correlation: ACCEPTED,
      tried: sum(({ tried }) => tried),
      chance: {
        tried: sum(({ control }) => control.tried),
        accepted: sum(({ control }) => control.accepted),
      },
    },
    concepts: CONCEPTS.map(({ name }) => name),
    nodes: Object.assign({}, ...found.map(({ nodes }) => nodes)) as Labels['nodes'],
  };
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

/** The labels of a site's nodes, of which each searcher takes the next few as soon as it is free. */
async function labelSite(
  { config, sample, searchers, onProgress }: LabelOptions,
  { layer, site, name }: SiteOfModel,
  activations: Float32Array,
): Promise<SiteLabels> {
  const { positions } = sample.table;
  const width = siteWidth(config, site);
  const found: FoundNodes[] = [];
  let [next, done] = [0, 0];
  const searchOn = async (searcher: NodeSearcher) => {
    while (next < width) {
      const first = next;
      next = Math.min(width, first + AT_ONCE);
      const end = next;
      const own = activations.slice(first * positions, end * positions);
      found[first / AT_ONCE] = await searcher.search(own, first);
      done += end - first;
      await onProgress(`nodes of ${name}`, done, width);
    }
  };
  await Promise.all(searchers.map(searchOn));
  const nodes: Record<string, Labels['nodes'][string]> = {};
  found
    .flatMap(({ signs }) => signs)
    .forEach((signs, index) => {
      if (Object.keys(signs).length > 0) nodes[nodeName({ layer, site, index })] = signs;
    });
  const sum = (of: (one: FoundNodes) => number) => found.reduce((total, one) => total + of(one), 0);
  const control = {
    tried: sum((one) => one.control.tried),
    accepted: sum((one) => one.control.accepted),
  };
  return { nodes, ablated: 0, control, tried: sum(({ tried }) => tried) };
}

/** The labels of a site with what ablation says of each. */
async function withCauses(
  { model, means, sample, ablations, onProgress }: LabelOptions,
  site: string,
  found: SiteLabels,
): Promise<SiteLabels> {
  const entries = Object.entries(found.nodes).map(([node, labels]) => {
    return { node, labels, signs: SIGNS.filter((sign) => labels[sign]) };
  });
  const claims = entries.map(({ node, labels, signs }): Claim => {
    const index = Number(node.slice(site.length + 1));
    return { index, labels: signs.map((sign) => termsOf(labels[sign]!)) };
  });
  const windows = { pool: Math.min(POOL, Math.floor(sample.windows / 2)), each: ablations };
  const scores = await causalScores(model, means, sample, site, claims, windows, (done, total) =>
    onProgress(`ablations at ${site}`, done, total),
  );
  const nodes = entries.map(({ node, labels, signs }, i) => {
    const own = signs.map((sign, j) => [sign, withCause(labels[sign]!, scores[i][j])] as const);
    return [node, Object.fromEntries(own)] as const;
  });
  return { ...found, nodes: Object.fromEntries(nodes), ablated: ablations };
}

function withCause(label: Label, score: CausalScore | null): Label {
  const short = (value: number) => Number(value.toPrecision(3));
  const shortened = ({ where, elsewhere, standardError }: Change) => {
    return {
      where: short(where),
      elsewhere: short(elsewhere),
      standardError: short(standardError),
    };
  };
  const causal = score && {
    loss: shortened(score.loss),
    prediction: shortened(score.prediction),
  };
  return { ...label, causal };
}

function termsOf({ terms }: Label): Terms {
  return terms.map((term) => ({
    concept: Math.abs(term) - 1,
    negated: term < 0,
  })) as unknown as Terms;
}
