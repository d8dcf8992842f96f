/**
 * Steering the dense model over the bridge, as the panel asks for it: from the choice of a node to the
 * curve over eleven strengths, with another node each time, in a text as long as the window. The bridges
 * are identities, since no bridged model ships; what they are costs nothing.
 *
 *   npm run bench -- steer
 */
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { STRENGTHS } from '../../extension/panel/steeringView';
import { readBundle } from '../../models/bundles/bundle';
import { Runtime } from '../../models/runtime/runtime';
import { bundleIn, identityBridges } from '../integration/runtime/bundles';
import { milliseconds, waits } from './paired';
import { benchmark } from './start';

const DENSE = resolve('models/bundles/python-dense');
const NODES = ['3.attn.act_in', '2.attn.resid_delta', '1.mlp.resid_delta', '0.mlp.post_act'];
const before = `${readFileSync('samples/report.py', 'utf8').slice(0, 900)}\n`;
const [given, other] = ['"', "'"].map((quote) => `${before}print(${quote}steering`);

benchmark(async ({ dir, pairs }) => {
  const folder = mkdtempSync(join(tmpdir(), 'circuitscope-bench-'));
  try {
    const { config, weights, means, card, tokenizerJson } = readBundle(dir);
    const bridged = bundleIn(folder, {
      ...{ config, weights, means, card, name: 'bridged' },
      tokenizerJson: JSON.stringify(tokenizerJson),
      bridges: identityBridges(readBundle(DENSE), config),
    });
    cpSync(DENSE, join(folder, 'python-dense'), { recursive: true });
    const runtime = await Runtime.open(bridged, {
      workerFile: resolve('dist/runtime-worker.js'),
    });
    const { ids } = await runtime.tokens(given);
    const position = { token: ids.length - 1 };
    let node = 0;
    const steer = () =>
      runtime.steer({
        ...{ text: given, other, position, strengths: STRENGTHS },
        node: `${NODES[node++ % NODES.length]}.${node}`,
      });
    await steer(); // The first opens the dense model.
    const times: number[] = [];
    for (let i = 0; i < pairs; i++) times.push(await milliseconds(steer));
    const name = `node to the curve over ${STRENGTHS.length} strengths, after ${ids.length} tokens`;
    waits('steer', name, times, 'p95 < 300');
    await runtime.close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
