import { expect, it } from 'vitest';
import { contentOf } from '../../../extension/hover/content';
import { HoverToken } from '../../../extension/hover/work';
import type { TokenView } from '../../../extension/trace/tokenView';
import type { At, Traces } from '../../../extension/trace/traces';

const place = { uri: 'file:///a.py', line: 0, character: 0 };
const { signal } = new AbortController();

/** A token with so many active nodes, node i with activation i + 1 and effect −i, and the requests made. */
function tokenOf(count: number) {
  const asked: string[] = [];
  const indices = Int32Array.from({ length: count }, (_, i) => i);
  const values = Float32Array.from(indices, (i) => i + 1);
  const effectsOf = (nodes: readonly string[]) => ({
    target: 0,
    nodes: nodes.map((node) => ({ node, activation: 0, effect: -Number(node.slice(4)) })),
  });
  const traces = {
    knownEffects: () => undefined,
    effects: () => {
      asked.push('all');
      return Promise.resolve(effectsOf(Array.from(indices, (i) => `0.x.${i}`)));
    },
    effectsOf: (_: At, nodes: readonly string[]) => {
      asked.push(`${nodes.length} from ${nodes[0]}`);
      return Promise.resolve(effectsOf(nodes));
    },
  };
  const trace = { logprobs: Float32Array.of(0), sites: [{ site: '0.x', indices, values }] };
  const snapshot = { info: { tokenTexts: ['a'], config: null } };
  const at = { snapshot, token: 0, interventions: [] } as unknown as At;
  const view = { trace } as unknown as TokenView;
  return { asked, token: new HoverToken(view, at, traces as unknown as Traces, signal) };
}

it('measures the most active nodes ahead of all, and says which they are', async () => {
  const { asked, token } = tokenOf(2000);
  expect(contentOf(token, place).note).toContain('Ablating each of the 2,000 active nodes');
  await token.sample();
  expect(asked).toEqual(['512 from 0.x.1999']);
  const { rows, note } = contentOf(token, place);
  expect(rows[0]).toMatchObject({ node: '0.x.1999', effect: -1999 });
  expect(note).toContain('largest of the 512 most active, all 2,000 below.');
  await Promise.all([token.effects(), token.sample(), token.effects()]);
  expect(asked).toEqual(['512 from 0.x.1999', 'all']);
  expect(contentOf(token, place).note).toContain('largest of all 2,000 active nodes');
});

it('measures few nodes once', async () => {
  const { asked, token } = tokenOf(512);
  await Promise.all([token.sample(), token.effects()]);
  expect(asked).toEqual(['all']);
  expect(token.known?.nodes).toHaveLength(512);
});
