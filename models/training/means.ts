/** What every node does over the training distribution: its mean activation, and whether it acts at all. */
import type { TransformerConfig } from '../transformer/config';
import { withHeadMeans } from '../transformer/means';
import type { Weights } from '../transformer/parameters';
import type { Sessions } from '../engines/sessions';
import type { WindowSource } from './data';
import { SiteReader } from './siteReader';
import { meanWindows } from './windows';

/** Windows that are run together. */
const BATCH = 8;
/** Activations of one batch, all sites together: 128 MB. A wide model takes fewer windows at once. */
const MOST_ACTIVATIONS = 2 ** 25;

/** Called before every batch with windows done and in all; throws to stop. */
type Pause = (done: number, total: number) => Promise<void>;

/** Over some windows, by site name. */
export interface NodeActivity {
  /** Mean activation, [node]: what mean ablation freezes a node to. */
  readonly means: Map<string, Float32Array>;
  /** Tokens at which the activation is not zero, [node]. */
  readonly active: Map<string, Uint32Array>;
}

/**
 * Means by site name, [node] each, over `windows` windows of the source.
 * @param sessions what runs the model, ONNX Runtime by default
 */
export async function nodeMeans(
  config: TransformerConfig,
  weights: Weights,
  source: WindowSource,
  windows: number,
  pause?: Pause,
  sessions?: Sessions,
): Promise<Map<string, Float32Array>> {
  const tokens = meanWindows(source, windows);
  return (await nodeActivity(config, weights, tokens, pause, sessions)).means;
}

/** Activity of every node over windows of tokens [window · pos]. */
export async function nodeActivity(
  config: TransformerConfig,
  weights: Weights,
  tokens: Int32Array,
  pause: Pause = () => Promise.resolve(),
  sessions?: Sessions,
): Promise<NodeActivity> {
  const reader = await SiteReader.open(config, weights, sessions);
  const sites = reader.sites.map((site) => ({
    ...site,
    sum: new Float64Array(site.width),
    active: new Uint32Array(site.width),
  }));
  const width = sites.reduce((sum, site) => sum + site.width, 0);
  const fitting = Math.floor(MOST_ACTIVATIONS / (width * config.context));
  const size = Math.max(1, Math.min(BATCH, fitting)) * config.context;
  try {
    for (let first = 0; first < tokens.length; first += size) {
      await pause(first / config.context, tokens.length / config.context);
      const activations = await reader.read(tokens.slice(first, first + size));
      for (const site of sites) addUp(site, activations(site.name));
    }
  } finally {
    await reader.release();
  }
  return {
    means: withHeadMeans(
      config,
      new Map(
        sites.map(({ name, sum }) => [name, Float32Array.from(sum, (x) => x / tokens.length)]),
      ),
    ),
    active: new Map(sites.map(({ name, active }) => [name, active])),
  };
}

/** Adds activations [pos, node] to what is known of a site. */
function addUp(
  { width, sum, active }: { width: number; sum: Float64Array; active: Uint32Array },
  activations: Float32Array,
): void {
  for (let i = 0; i < activations.length;) {
    for (let node = 0; node < width; node++, i++) {
      sum[node] += activations[i];
      if (activations[i] !== 0) active[node]++;
    }
  }
}
