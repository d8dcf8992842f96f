/** The keep and add inputs of every site, as tensors. */
import { ort } from '../onnxRuntime';
import { siteWidth, type TransformerConfig } from '../transformer/config';
import { addInput, keepInput } from '../transformer/graphs';
import { allSites } from '../transformer/nodes';
import { neutralEdit, type SiteEdit, type SiteEdits } from './interventions';

/** Makes feeds of edits; sites without one share tensors that change nothing. */
export class EditFeeds {
  private readonly neutral: Readonly<Record<string, ort.Tensor>>;

  constructor(config: TransformerConfig) {
    const feeds = allSites(config).map(({ name, site }) =>
      feedsOf(name, neutralEdit(1, 1, siteWidth(config, site))),
    );
    this.neutral = Object.assign({}, ...feeds) as Record<string, ort.Tensor>;
  }

  /** Feeds of all sites. */
  feeds(edits: SiteEdits): Record<string, ort.Tensor> {
    const feeds = { ...this.neutral };
    for (const [name, edit] of edits) Object.assign(feeds, feedsOf(name, edit));
    return feeds;
  }
}

function feedsOf(name: string, edit: SiteEdit): Record<string, ort.Tensor> {
  const shape = [edit.batch, edit.rows, edit.width];
  return {
    [keepInput(name)]: new ort.Tensor('float32', edit.keep, shape),
    [addInput(name)]: new ort.Tensor('float32', edit.add, shape),
  };
}
