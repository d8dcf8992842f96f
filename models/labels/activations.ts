/** Activations of the nodes of a few sites over windows of text. */
import type { Model } from '../inference/model';

const BATCH = 8;

/** [node, pos] of a site, a node's activations one after the other. */
export async function siteActivations(
  model: Pick<Model, 'run'>,
  { tokens, windows, context }: { tokens: Int32Array; windows: number; context: number },
  sites: readonly { readonly name: string; readonly width: number }[],
  onWindows: (done: number) => Promise<void> | void,
): Promise<Map<string, Float32Array>> {
  const positions = windows * context;
  const out = new Map(sites.map(({ name, width }) => [name, new Float32Array(width * positions)]));
  for (let window = 0; window < windows; window += BATCH) {
    const batch = Math.min(BATCH, windows - window);
    const from = window * context;
    const found = await model.run({
      batch,
      tokens: tokens.slice(from, from + batch * context),
      read: Int32Array.of(0),
      edits: new Map(),
      outputs: sites.map(({ name }) => name),
    });
    for (const { name, width } of sites) {
      const [data, to] = [found.get(name)!, out.get(name)!];
      for (let i = 0; i < batch * context; i++) {
        for (let node = 0; node < width; node++) {
          to[node * positions + from + i] = data[i * width + node];
        }
      }
    }
    await onWindows(window + batch);
  }
  return out;
}
