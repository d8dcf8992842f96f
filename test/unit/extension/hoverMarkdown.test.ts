import { describe, expect, it } from 'vitest';
import { commandLink, LINKED_COMMANDS } from '../../../extension/hover/links';
import {
  bar,
  effectsMarkdown,
  hoverMarkdown,
  percent,
  type HoverContent,
} from '../../../extension/hover/markdown';
import type { TokenView } from '../../../extension/trace/tokenView';
import { tinyConfig } from '../../support/models';

const view: TokenView = {
  ...{ token: 30, text: ' offline', interventions: 0, surpriseBefore: null },
  surprise: { bits: 6.12, rank: 12 },
  candidates: [
    { text: '")', share: 0.87, before: null, observed: true },
    { text: '|`](command:evil)', share: 0.05, before: null, observed: false },
  ],
  trace: { logprobs: new Float32Array(0), sites: [] },
};
const place = { uri: 'file:///a%20(b).py', line: 2, character: 9 };

const rows = [
  { node: '1.attn.v.6', activation: -2.104, effect: 1.937 },
  { node: '0.mlp.post_act.3', activation: 0.5, effect: null },
];
const content: HoverContent = {
  ...{ view, rows, config: tinyConfig(), place },
  labels: new Map<string, string>(),
  note: 'effect on |`](command:evil)',
};
const before = { bits: 3, rank: 2 };
const changed: TokenView = {
  ...{ ...view, interventions: 1, surpriseBefore: before },
  candidates: view.candidates.map((one) => ({ ...one, before: 0.5 })),
};

describe('hoverMarkdown', () => {
  it('shows the token, its surprise, what comes next and the nodes', () => {
    const lines = hoverMarkdown(content).split('\n');
    expect(lines[0]).toBe(
      '**<code>&#183;offline</code>** · token 30 · surprise 6.1 bits (rank 12)',
    );
    expect(lines[4]).toContain('<code>&#34;&#41;</code>&nbsp;◂');
    expect(lines[4]).toContain('87&#46;0&nbsp;&#37;');
    expect(lines[4]).toContain('L1&nbsp;head&nbsp;1&nbsp;&#183;&nbsp;V&nbsp;channel&nbsp;2');
    expect(lines[4]).toContain('| −2.10 | **+1.94** |');
    expect(lines[5]).toContain('| +0.50 | … |');
  });

  it('calls a node by its label, which stays text', () => {
    const labels = new Map([[rows[0].node, 'quotes | [x](command:evil)']]);
    const markdown = hoverMarkdown({ ...content, labels });
    expect(markdown).toContain('quotes&nbsp;&#124;&nbsp;');
    expect(markdown).not.toContain('(command:evil)');
  });

  it('says by what the nodes are chosen', () => {
    expect(hoverMarkdown(content)).toContain('| most active node |');
    const measured = rows.map((row) => ({ ...row, effect: 1 }));
    expect(hoverMarkdown({ ...content, rows: measured })).toContain('| largest effect |');
  });

  it('shows both predictions when ablations are on', () => {
    const markdown = hoverMarkdown({ ...content, view: changed });
    expect(markdown).toContain('3.0 bits (rank 2) → 6.1 bits (rank 12) with ablations');
    expect(markdown).toContain('| without |');
  });

  it.each([
    ['hover', hoverMarkdown(content), 8],
    ['hover with ablations', hoverMarkdown({ ...content, view: changed }), 10],
    ['effects', effectsMarkdown(content), 4],
  ])('has as many cells in every row of the %s, whatever the tokens hold', (_, text, cells) => {
    const table = text.split('\n').filter((line) => line.startsWith('|'));
    expect(table).toHaveLength(4);
    for (const row of table) expect(row.split('|')).toHaveLength(cells + 2);
  });

  it('links to our commands only', () => {
    const commands = [...hoverMarkdown(content).matchAll(/\]\(command:([^?]+)/g)];
    expect(commands.length).toBeGreaterThan(5);
    for (const [, command] of commands) expect(LINKED_COMMANDS).toContain(command);
  });
});

it('writes links that no file name can end', () => {
  const link = commandLink(
    'x',
    'circuitscope.ablateNode',
    { ...place, uri: 'file:///a)](\'"|.py' },
    'y',
  );
  const [, query] = /^\[x\]\(command:circuitscope\.ablateNode\?([^()'"|\s]+) "y"\)$/.exec(link)!;
  expect(JSON.parse(decodeURIComponent(query))).toEqual([{ ...place, uri: 'file:///a)](\'"|.py' }]);
});

it('draws bars in eighths and rounds shares to what matters', () => {
  expect([0, 0.5, 1, 1 / 48].map((share) => bar(share, 6))).toEqual(['▏', '███', '██████', '▏']);
  expect([0, 0.0004, 0.001, 0.5, 0.9999].map(percent)).toEqual([
    '<0.1 %',
    '<0.1 %',
    '0.1 %',
    '50.0 %',
    '100 %',
  ]);
});
