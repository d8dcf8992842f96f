import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CRITERIA } from '../../../models/circuits/file/criteria';
import {
  bridgeFigures,
  bridgesPart,
  FAILING,
  readBridged,
} from '../../../tools/report/bridges.mjs';
import { circuit, expectWellFormed } from '../../support/report';

describe('the report of bridges', () => {
  const outcome = (name: string, end: number) => ({
    ...{ name, mean: [0.01, end], nats: [-5, Math.log(end)], success: [0, end > 0.5 ? 0.9 : 0] },
  });
  const places = (worse: number) => ({
    ...{ windows: 96, denseLoss: 2, sparseLoss: 3 },
    places: ['0.attn', '0.mlp'].map((place, i) => ({
      ...{ place, encoderExplains: 0.7, decoderExplains: 0.6 },
      ...{ denseToSparse: worse + i, sparseToDense: worse },
    })),
  });
  /** What is left with the core ablated: right answers, pairs in order, loss. */
  type Left = readonly [accuracy: number, order: number, loss: number];
  const ablated = (nothing: number, core: Left, random: readonly number[]) => {
    const row = (name: string, nodes: number, [accuracy, pairOrder, loss]: Left) => ({
      ...{ ablated: name, nodes, accuracy, pairOrder, loss, unread: 0, change: 0.25 },
    });
    return {
      ...{ pairs: 100, unaligned: 0 },
      answers: [
        row('nothing', 0, [nothing, 0.99, 0.04]),
        ...[
          { ...row('core', 120, core), unread: 30, change: 0.31 },
          row('cut', 9, [0.5, 0.55, 0.68]),
        ],
        ...random.map((order, i) => row(`random ${i + 1}`, 120, [0.9, order, 0.3])),
      ],
    };
  };
  const bridged: Parameters<typeof bridgesPart>[0] = {
    ...{ bundle: { name: 'python-bridge', hash: 'c'.repeat(64) }, dense: 'python-dense' },
    ...{ tokens: { all: 60e6, bridged: 4.45e6 }, training: { seed: 1, learningRate: 0.001 } },
    natsPerToken: { heldOutOrdinary: 3.05, heldOutIdioms: 1.61 },
    tables: { ordinary: places(0.2), idioms: places(0.1) },
    steering: [
      {
        ...{ task: 'quotes', given: 'a', strengths: [0, 1], ceiling: 0.8 },
        ...{ prompts: { selection: 16, proof: 100 }, chosen: true },
        ...{ leftOut: { unaligned: 0, unsolved: 41 } },
        ...{
          node: outcome('2.attn.act_in.154', 0.75),
          direct: outcome('2.attn.act_in.154 directly', 0.06),
          nextRead: outcome('2.attn.act_in.154 for the next read', 0.55),
        },
        ...{
          denseNode: outcome('1.mlp.act_in.3', 0.07),
          meanDifference: outcome('mean difference before 3.mlp.act_in', 0.99),
          whole: outcome('whole stream', 0.96),
        },
        together: [{ ...outcome('8 nodes together', 0.85), nodes: 8 }],
        randomNodes: [
          { ...outcome('2.attn.act_in.1', 0.02), size: 0.75 },
          // The best is another in every column.
          { ...outcome('2.attn.act_in.2', 0.04), success: [0, 0.02], nats: [-5, -7], size: 0.5 },
        ],
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
      { ...circuit('quotes', 77), ablated: ablated(0.98, [0.51, 0.6, 0.7], [0.9, 0.97]) },
      // Pairs are in order, and only a bias makes half of the answers wrong.
      {
        ...circuit('colon', 88, { passes: false }),
        ablated: ablated(0.95, [0.5, 0.97, 0.65], [0.95, 0.99]),
      },
      // Out of order, but hardly further from the right answers.
      { ...circuit('lambda', 99), ablated: ablated(0.96, [0.7, 0.75, 0.59], [0.9]) },
      // At both bounds.
      { ...circuit('in', 66), ablated: ablated(0.97, [0.7, 0.75, 0.6], [0.9]) },
      // The dense model cannot do this whatever is ablated.
      { ...circuit('is', 55), ablated: ablated(0.94, [0.5, 0.5, 0.7], [0.9]) },
    ],
  };
  const words = bridgesPart(bridged, (name) => [`![](${name})`]).join('\n');

  it('says how many passes are good, who turned how many prompts, and where it failed', () => {
    expect(words).toContain('3 of 8 are within 0.15 nats');
    expect(words).toContain('for 4.5 of its 60.0 million tokens');
    expect(words).toContain('| 1 | 90.0 % | 75.0 % | -0.29 |');
    const controls = [
      ['the node', '90.0 % | 75.0 % | -0.29'],
      ['best 8 nodes of its site together', '90.0 % | 85.0 % | -0.16'],
      ['added to the next read alone', '90.0 % | 55.0 % | -0.60'],
      ['added after the last layer', '0.0 % | 6.0 % | -2.81'],
      // The best of the random nodes and directions.
      ['best of 2 random nodes, 50.0 % to 75.0 % as large', '2.0 % | 4.0 % | -3.91'],
      ['best of 2 random directions', '0.0 % | 3.0 % | -3.51'],
      ["dense model's own `1.mlp.act_in.3`", '0.0 % | 7.0 % | -2.66'],
      ["dense model's mean difference before 3.mlp.act_in", '90.0 % | 99.0 % | -0.01'],
      ['whole sparse stream there', '90.0 % | 96.0 % | -0.04'],
    ];
    for (const [name, numbers] of controls) expect(words).toContain(`| ${name} | ${numbers} |`);
    expect(words).toContain('Of the 10 that were not turned:');
    expect(words).toContain('print(\\"a\\|b');
    // A line end is told from a backslash and an n.
    expect(words).toContain('30.0 % | `"\\n "` |');
    expect(words).toContain('![](steering-quotes-a.svg)');
  });

  it('counts a task as lost where the dense model solved it, and has neither order nor odds', () => {
    expect(words).toContain('5 circuits of the bridged model');
    expect(words).toContain('4 hold every criterion');
    expect(words).toContain('right in 94.0 % to 98.0 %, and solves 4 of 5 tasks');
    expect(words).toContain('With the core ablated it loses 2 of these 4');
    expect(words).toContain('any of five sets, it loses 0 of them');
    expect(words).toContain('reads is 31.0 % to 31.0 % of them (root mean square)');
    expect(words).toContain('that of the random sets 25.0 % to 25.0 %');
    expect(words).toContain('150 of the 600 nodes of all cores are in the last MLP');
    expect(words).toContain(
      '| 77 | yes | 100 | 98.0 % | 51.0 % | 99.0 % | 60.0 % |  | 55.0 % | 90.0 % | 0.040 | 0.700 | 0.300 |',
    );
    expect(words).toContain('| 88 | **no** | 100 | 95.0 % | 50.0 % | 99.0 % | 97.0 % |');
    const [quotes] = bridged.circuits;
    const { answers } = quotes.ablated;
    const random = answers.map((one) =>
      one.ablated === 'random 2' ? { ...one, pairOrder: 0.5, loss: 0.69 } : one,
    );
    const unlucky = { ...quotes, ablated: { ...quotes.ablated, answers: random } };
    const said = bridgesPart({ ...bridged, circuits: [unlucky] }, () => []).join('\n');
    expect(said).toContain('any of five sets, it loses 1 of them');
  });

  it('has the bounds of proofs', () => {
    const bounds = CRITERIA.filter(({ what }) => what.endsWith('without core and backups'));
    const proof = {} as Parameters<NonNullable<(typeof bounds)[0]['least']>>[0];
    expect(bounds.map(({ most, least }) => [most?.(proof), least?.(proof)])).toEqual([
      [undefined, FAILING.loss],
      [FAILING.order, undefined],
    ]);
  });

  it('says of a node whether it was chosen or given', () => {
    expect(words).toContain('One node of the sparse model, chosen on other prompts, turns');
    expect(words).toContain('by `2.attn.act_in.154`, chosen on 16 others;');
    const steering = bridged.steering.map((one) => ({ ...one, chosen: false }));
    const given = bridgesPart({ ...bridged, steering }, () => []).join('\n');
    expect(given).toContain('One node of the sparse model turns');
    expect(given).toContain('by `2.attn.act_in.154`, which was given;');
  });

  it('draws a curve for each task', () => {
    const drawn = bridgeFigures(bridged);
    expect([...drawn.keys()]).toEqual(['steering-quotes-a.svg']);
    const svg = drawn.get('steering-quotes-a.svg')!;
    expectWellFormed(svg);
    for (const name of ['2.attn.act_in.154', '1.mlp.act_in.3']) expect(svg).toContain(name);
    // Its legend stays within the picture.
    const ends = [...svg.matchAll(/<text x="([\d.]+)" y="(?:52|72|92)">([^<]*)</g)];
    expect(ends).toHaveLength(7);
    const width = Number(/ width="(\d+)"/.exec(svg)![1]);
    for (const [, x, name] of ends) expect(Number(x) + 6 * name.length).toBeLessThan(width);
    // A point's tip has its numbers.
    for (const value of [75, 90, 7, 4, 3]) expect(svg).toMatch(new RegExp(`[ ,:]${value}(\\D|$)`));
  });

  it('is what the page of bridges says in words', () => {
    const page = readFileSync('docs/bridges.md', 'utf8');
    const { steering, tables, tokens } = readBridged('docs/results/data/python-bridge.json')!;
    const [quotes, back, loop] = steering;
    const end = (values: readonly number[]) => Math.round(100 * values.at(-1)!);
    const best = (outcomes: readonly { readonly success: readonly number[] }[]) =>
      Math.max(...outcomes.map(({ success }) => end(success)));
    /** A figure of both directions of the quote. */
    const both = (of: (one: typeof quotes) => number) => `${of(quotes)} and ${of(back)}`;
    const percents = (shares: readonly number[]) =>
      `${Math.round(100 * Math.min(...shares))} to ${Math.round(100 * Math.max(...shares))} %`;
    const sizes = ({ randomNodes }: typeof quotes) => percents(randomNodes.map(({ size }) => size));
    const all = [tables.ordinary, tables.idioms].flatMap(({ places: rows }) => rows);
    const losses = all.flatMap(({ denseToSparse, sparseToDense }) => [
      denseToSparse,
      sparseToDense,
    ]);
    const largest = loop.together.at(-1)!;
    const stated = [
      `${(tokens.bridged / 1e6).toFixed(1)} million tokens`,
      `by \`${quotes.node.name}\`: ${end(quotes.node.success)} of ${quotes.prompts.proof}`,
      `by \`${back.node.name}\`: ${end(back.node.success)} of ${back.prompts.proof}`,
      `${both(({ node }) => end(node.mean))} % on average`,
      `${both(({ ceiling }) => Math.round(100 * ceiling))} % in the other text itself`,
      `after the last layer, where only the unembedding reads it, turns ${both(({ direct }) => end(direct.success))}`,
      `to the next read alone, ${both(({ nextRead }) => end(nextRead.success))}`,
      `best of eight random nodes of its site turns ${both(({ randomNodes }) => best(randomNodes))}`,
      `changes are ${sizes(quotes)} and ${sizes(back)} as large`,
      `best random direction ${both(({ randomDirections }) => best(randomDirections))}`,
      `channel or neuron of the dense model itself ${both(({ denseNode }) => end(denseNode.success))}`,
      `mean difference ${both(({ meanDifference }) => end(meanDifference.success))}`,
      `whole stream there ${both(({ whole }) => end(whole.success))}`,
      `${both(({ leftOut }) => leftOut.unsolved)} pairs were left out`,
      `turns ${end(loop.node.success)} of ${loop.prompts.proof} prompts`,
      `the best ${largest.nodes} of its site together ${end(largest.success)}`,
      `the whole stream ${end(loop.whole.success)}`,
      `${Math.min(...losses).toFixed(2)} to ${Math.max(...losses).toFixed(2)} nats`,
      `${losses.filter((loss) => loss <= 0.15).length} of ${losses.length} within 0.15`,
      `encoders explain ${percents(all.map(({ encoderExplains }) => encoderExplains))}`,
      `decoders ${percents(all.map(({ decoderExplains }) => decoderExplains))}`,
    ];
    for (const part of stated) expect(page).toContain(part);
    expect(readFileSync('README.md', 'utf8')).toContain(
      `in ${end(quotes.node.success)} of ${quotes.prompts.proof} prompts one way and ${end(back.node.success)} the other`,
    );
  });

  it('is left out where nothing was measured', () => {
    expect(readBridged(join(tmpdir(), 'no such file.json'))).toBeNull();
  });
});
