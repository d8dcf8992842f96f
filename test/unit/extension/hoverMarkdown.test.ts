import { describe, expect, it } from 'vitest';
import { commandLink } from '../../../extension/hover/links';
import { bar, nodesMarkdown, percent, predictionMarkdown } from '../../../extension/hover/markdown';
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

describe('predictionMarkdown', () => {
  it('shows the token, its surprise and what comes next', () => {
    const lines = predictionMarkdown(view).split('\n');
    expect(lines[0]).toContain('<code>&#183;offline</code>');
    expect(lines[0]).toContain('token 30 · surprise 6.1 bits, rank 12');
    expect(lines[4]).toContain('87.0 %');
    expect(lines[4]).toContain('◂');
    expect(lines).toHaveLength(6);
  });

  it('has as many cells in every row, whatever the tokens hold', () => {
    const before = { bits: 3, rank: 2 };
    const changed: TokenView = {
      ...{ ...view, interventions: 1, surpriseBefore: before },
      candidates: view.candidates.map((one) => ({ ...one, before: 0.5 })),
    };
    for (const [shown, cells] of [
      [view, 3],
      [changed, 5],
    ] as const) {
      const [, , ...rows] = predictionMarkdown(shown).split('\n');
      for (const row of rows) expect(row.split('|')).toHaveLength(cells + 2);
    }
    expect(predictionMarkdown(changed)).toContain('3.0 bits, rank 2 → 6.1 bits, rank 12');
  });
});

it('shows nodes in words, with signed numbers and links to our commands only', () => {
  const rows = [{ node: '1.attn.v.6', activation: -2.104, effect: 1.937 }];
  const markdown = nodesMarkdown(rows, tinyConfig(), place, 'of 16 | nodes');
  expect(markdown).toContain('L1 head 1 &#183; V channel 2'.replaceAll(' ', '&#32;'));
  expect(markdown).toContain('| −2.10 | **+1.94** |');
  for (const [, command] of markdown.matchAll(/\]\(command:([^?]+)/g)) {
    expect(command).toMatch(/^circuitscope\./);
  }
  const table = markdown.split('\n').slice(0, 3);
  for (const row of table) expect(row.split('|')).toHaveLength(6);
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
  expect([0, 0.5, 1, 1 / 96].map(bar)).toEqual(['▏', '█'.repeat(6), '█'.repeat(12), '▏']);
  expect([0, 0.0004, 0.001, 0.5, 0.9999].map(percent)).toEqual([
    '0 %',
    '0 %',
    '0.1 %',
    '50.0 %',
    '100 %',
  ]);
});
