/** What mean ablation freezes nodes at. */
import { isHeadSite, siteWidth, type TransformerConfig } from './config';
import { allSites } from './nodes';

/**
 * Means [node] by site name with those of heads' numbers, which are 0: a sink or a slope is the same at
 * every token, so that its own mean would ablate nothing.
 */
export function withHeadMeans(
  config: TransformerConfig,
  measured: ReadonlyMap<string, Float32Array>,
): Map<string, Float32Array> {
  const heads = allSites(config)
    .filter(({ site }) => isHeadSite(site))
    .map(({ name, site }) => [name, new Float32Array(siteWidth(config, site))] as const);
  return new Map([...measured, ...heads]);
}
