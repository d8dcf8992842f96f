import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bridgeFigures, bridgesPart, readBridged } from '../../../tools/report/bridges.mjs';
import { circuit, expectWellFormed } from '../../support/report';

describe('the report of bridges', () => {
  const outcome = (name: string, end: number) => ({
    ...{ name, mean: [0.01, end], success: [0, end > 0.5 ? 0.9 : 0] },
  });
  const places = (worse: number) => ({
    ...{ windows: 96, denseLoss: 2, sparseLoss: 3 },
    places: ['0.attn', '0.mlp'].map((place, i) => ({
      ...{ place, encoderExplains: 0.7, decoderExplains: 0.6 },
      ...{ denseToSparse: worse + i, sparseToDense: worse },
    })),
  });
  const ablated = (core: number, random: readonly number[]) => {
    const row = (name: string, nodes: number, accuracy: number, loss: number) => ({
      ...{ ablated: name, nodes, accuracy, pairOrder: accuracy, loss },
    });
    return {
      ...{ pairs: 100, unaligned: 0 },
      answers: [
        ...[row('nothing', 0, 0.98, 0.04), row('core', 120, core, 0.7), row('cut', 9, 0.55, 0.68)],
        ...random.map((accuracy, i) => row(`random ${i + 1}`, 120, accuracy, 0.3)),
      ],
    };
  };
  const bridged: Parameters<typeof bridgesPart>[0] = {
    ...{ bundle: { name: 'python-bridge', hash: 'c'.repeat(64) }, dense: 'python-dense' },
    ...{ tokens: { all: 60e6, bridged: 4.45e6 } },
    natsPerToken: { heldOutOrdinary: 3.05, heldOutIdioms: 1.61 },
    tables: { ordinary: places(0.2), idioms: places(0.1) },
    steering: [
      {
        ...{ task: 'quotes', given: 'a', strengths: [0, 1], ceiling: 0.8 },
        ...{ prompts: { selection: 16, proof: 100 }, leftOut: { unaligned: 0, unsolved: 41 } },
        ...{
          node: outcome('2.attn.act_in.154', 0.75),
          direct: outcome('2.attn.act_in.154 directly', 0.06),
          denseChannel: outcome('1.mlp.act_in.3', 0.07),
        },
        whole: outcome('whole stream', 0.96),
        randomNodes: [outcome('2.attn.act_in.1', 0.02), outcome('2.attn.act_in.2', 0.04)],
        randomDirections: [outcome('direction 1', 0.03), outcome('direction 2', 0.01)],
        failures: {
          count: 10,
          first: [
            {
              ...{ prompt: 'x = 1\nprint("a|b', probability: 0.3 },
              wanted: { text: "')", shown: "')" },
              predicted: { text: '\n ', shown: '\\n ' },
            },
          ],
        },
      },
    ],
    circuits: [
      { ...circuit('quotes', 77), ablated: ablated(0.51, [0.9, 0.97]) },
      { ...circuit('colon', 88, { passes: false }), ablated: ablated(0.8, [0.95, 0.99]) },
    ],
  };
  const words = bridgesPart(bridged, (name) => [`![](${name})`]).join('\n');

  it('says how many passes are good, who turned how many prompts, and where it failed', () => {
    expect(words).toContain('3 of 8 are within 0.15 nats');
    expect(words).toContain('for 4.5 of its 60.0 million tokens');
    expect(words).toContain(
      '(more than half of the probability on the wanted answer): 90.0 %; directly 0.0 %',
    );
    expect(words).toContain('by the dense channel `1.mlp.act_in.3` 0.0 %');
    // The best of the random nodes and directions.
    expect(words).toContain(
      '| 1 | 90.0 % | 75.0 % | 0.0 % | 6.0 % | 0.0 % | 7.0 % | 0.0 % | 4.0 % | 0.0 % | 3.0 % | 90.0 % | 96.0 % |',
    );
    expect(words).toContain('Of the 10 that were not turned:');
    expect(words).toContain('print(\\"a\\|b');
    // A line end is told from a backslash and an n.
    expect(words).toContain('30.0 % | `"\\n "` |');
    expect(words).toContain('2 circuits of the bridged model');
    expect(words).toContain('1 hold every criterion');
    expect(words).toContain('with the core ablated it loses 1 of 2 tasks');
    expect(words).toContain('right in 98.0 % to 98.0 %');
    // The worst of all random sets of all tasks.
    expect(words).toContain('leaves at least 90.0 %');
    expect(words).toContain(
      '| 77 | yes | 100 | 98.0 % | 51.0 % |  | 55.0 % | 90.0 % | 0.040 | 0.700 | 0.300 |',
    );
    expect(words).toContain('| 88 | **no** | 100 | 98.0 % | 80.0 % |');
    expect(words).toContain('![](steering-quotes-a.svg)');
  });

  it('draws a curve for each task', () => {
    const drawn = bridgeFigures(bridged);
    expect([...drawn.keys()]).toEqual(['steering-quotes-a.svg']);
    const svg = drawn.get('steering-quotes-a.svg')!;
    expectWellFormed(svg);
    for (const name of ['2.attn.act_in.154', '1.mlp.act_in.3']) expect(svg).toContain(name);
  });

  it('is what the page of bridges says in words', () => {
    const page = readFileSync('docs/bridges.md', 'utf8');
    const { steering, tables, tokens } = readBridged('docs/results/data/python-bridge.json')!;
    const [quotes, back, loop] = steering;
    const end = (values: readonly number[]) => Math.round(100 * values.at(-1)!);
    const [, , channel] = /^3\.(attn\.act_in)\.(\d+)$/.exec(quotes.node.name)!;
    const [, neuron] = /^0\.mlp\.post_act\.(\d+)$/.exec(back.node.name)!;
    const stated = [
      `${(tokens.bridged / 1e6).toFixed(1)} million tokens`,
      `channel ${channel} of the residual stream`,
      `in ${end(quotes.node.success)} of 100 prompts`,
      `unembedding reads it, turns ${end(quotes.direct.success)} and ${end(back.direct.success)} of 100`,
      `neuron ${neuron} of the first MLP`,
      `comment: ${end(back.node.success)} of 100`,
      `(${end(quotes.whole.success)} and ${end(back.whole.success)} of 100)`,
      `${end(quotes.node.mean)} and ${end(back.node.mean)} % on average`,
      `${Math.round(100 * quotes.ceiling)} and ${Math.round(100 * back.ceiling)} % in the other text`,
    ];
    for (const part of stated) expect(page).toContain(part);
    // Turned by no control, and the loop by nothing but the whole stream.
    for (const { denseChannel, randomNodes, randomDirections } of steering) {
      const controls = [denseChannel, ...randomNodes, ...randomDirections];
      expect(controls.map(({ success }) => end(success))).toEqual(controls.map(() => 0));
    }
    expect([end(loop.node.success), end(loop.whole.success)]).toEqual([0, 100]);
    const losses = [tables.ordinary, tables.idioms].flatMap(({ places: all }) =>
      all.flatMap(({ denseToSparse, sparseToDense }) => [denseToSparse, sparseToDense]),
    );
    const range = `${Math.min(...losses).toFixed(2)} to ${Math.max(...losses).toFixed(2)} nats`;
    expect(page).toContain(range);
  });

  it('is left out where nothing was measured', () => {
    expect(readBridged(join(tmpdir(), 'no such file.json'))).toBeNull();
  });
});
