/** Models joined by bridges, open until a file's tests end. */
import { readBridged } from '../../../models/bundles/partner';
import { Runtime } from '../../../models/runtime/runtime';
import { steerable, type BridgedModels } from '../../../models/steering/models';
import { built } from '../runtime/built';

/** @param bundlesDir where partners are looked for that are not named by their folder */
export function openModels(bundlesDir: string) {
  const opened: Runtime[] = [];
  const open = async (at: string) => {
    const runtime = await Runtime.open(at, {
      ...{ workerFile: built('runtime-worker.js'), engine: 'onnx' as const },
    });
    opened.push(runtime);
    return runtime;
  };
  return {
    opened,
    /** Opens a bundle with bridges, and its dense model. */
    bridgedModels: async (bundle: string, partner: string): Promise<BridgedModels> => {
      const bundles = readBridged(bundle, bundlesDir, partner);
      return {
        sparse: steerable(await open(bundle), bundles.sparse),
        dense: steerable(await open(partner), bundles.dense),
        bridges: bundles.sparse.bridges.weights,
      };
    },
    close: async () => {
      for (const runtime of opened) await runtime.close();
    },
  };
}
