/** The keep and add inputs of every site, as arrays. */
import type { NumberArray, NumberArrays } from '../graph/numbers';
import { siteWidth, type TransformerConfig } from '../transformer/config';
import { addInput, keepInput } from '../transformer/graphs';
import { allSites } from '../transformer/nodes';
import { neutralEdit, type SiteEdit, type SiteEdits } from './interventions';

/** Makes feeds of edits; sites without one share arrays that change nothing. */
export class EditFeeds {
  private readonly neutral: NumberArrays;

  constructor(config: TransformerConfig) {
    const feeds = allSites(config).map(({ name, site }) =>
      feedsOf(name, neutralEdit(1, 1, siteWidth(config, site))),
    );
    this.neutral = Object.assign({}, ...feeds) as Record<string, NumberArray>;
  }

  /** Feeds of all sites. */
  feeds(edits: SiteEdits): Record<string, NumberArray> {
    const feeds = { ...this.neutral };
    for (const [name, edit] of edits) Object.assign(feeds, feedsOf(name, edit));
    return feeds;
  }
}

function feedsOf(name: string, edit: SiteEdit): Record<string, NumberArray> {
  const shape = [edit.batch, edit.rows, edit.width];
  return {
    [keepInput(name)]: { data: edit.keep, dims: shape },
    [addInput(name)]: { data: edit.add, dims: shape },
  };
}
