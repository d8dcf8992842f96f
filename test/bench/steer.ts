/**
 * Steering the dense model through the shipped model that is bridged to it, as the panel asks for it: from
 * the choice of a node to the curve over eleven strengths, with another node each time, in a text longer
 * than the window. Every curve changes the prediction, so that each of its strengths above 0 is a pass.
 *
 *   npm run bench -- steer
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { STRENGTHS } from '../../extension/panel/steeringView';
import { resolveBundle } from '../../models/bundles/bundle';
import { SHIPPED_BRIDGED } from '../../models/bundles/partner';
import { Runtime } from '../../models/runtime/runtime';
import { milliseconds, waits } from './paired';
import { benchmark } from './start';

const BUNDLES = 'models/bundles';
const before = `${readFileSync('samples/report.py', 'utf8').slice(0, 900)}\n`;
const [given, other] = ['"', "'"].map((quote) => `${before}print(${quote}steering`);

benchmark(async ({ pairs }) => {
  const runtime = await Runtime.open(resolveBundle(SHIPPED_BRIDGED, BUNDLES), {
    ...{ workerFile: resolve('dist/runtime-worker.js'), bundlesDir: resolve(BUNDLES) },
  });
  try {
    const { ids } = await runtime.tokens(given);
    const texts = { text: given, other, position: { token: ids.length - 1 } };
    // One node more than is measured: the first curve opens the dense model.
    const { nodes } = await runtime.bridgeNodes({ ...texts, measure: pairs + 1 });
    const steer = async (node: string) => {
      const { curve } = await runtime.steer({ ...texts, node, strengths: STRENGTHS });
      const [none, full] = [curve[0], curve[curve.length - 1]];
      if (none.some((logprob, id) => logprob !== full[id])) return;
      throw new Error(`${node} changes nothing; measure with nodes that do`);
    };
    const [first, ...others] = nodes.map(({ name }) => name);
    await steer(first);
    const times: number[] = [];
    for (const node of others) times.push(await milliseconds(() => steer(node)));
    const name = `node of ${SHIPPED_BRIDGED} to the curve over ${STRENGTHS.length} strengths, after ${ids.length} tokens`;
    waits('steer', name, times, 'p95 < 300');
  } finally {
    await runtime.close();
  }
});
