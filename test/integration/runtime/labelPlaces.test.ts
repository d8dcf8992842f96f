/** Where a label of the shipped model holds, asked of its worker, which loads the grammar itself. */
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { Runtime } from '../../../models/runtime/runtime';
import { built } from './built';

const runtime = await Runtime.open(join('models', 'bundles', 'python-sparse'), {
  workerFile: built('runtime-worker.js'),
  engine: 'onnx',
});
afterAll(() => runtime.close());

it('is found in a text, and says so of a node without one', async () => {
  const text = 'print("the jungle")\nx = [1, 2]\n';
  const { starts, ends } = await runtime.tokens(text);
  const { nodes } = await runtime.concepts('inside "…" string');
  const alone = nodes.find((one) => one.text === 'inside "…" string');
  const places = await runtime.labelPlaces(text, alone!.node);
  expect(places!.holds).toHaveLength(starts.length);
  const held = [...places!.holds].flatMap((one, i) =>
    one ? [text.slice(starts[i], ends[i])] : [],
  );
  expect(held.join('')).toContain('the');
  expect(held.join('')).not.toContain('x');
  const labelled = new Set(nodes.map(({ node }) => node));
  expect(labelled.has('2.mlp.post_act.607')).toBe(false);
  expect(await runtime.labelPlaces(text, '2.mlp.post_act.607')).toBeNull();
});
