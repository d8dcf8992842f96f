import { percent } from '../../../shared/format';
import { describe, expect, it } from 'vitest';
import type { HoverContent } from '../../../extension/hover/content';
import { commandLink, LINKED_COMMANDS } from '../../../extension/hover/links';
import { bar, hoverMarkdown } from '../../../extension/hover/markdown';
import type { TokenView } from '../../../extension/trace/tokenView';
import { tinyConfig } from '../../support/models';

const view: TokenView = {
  ...{
    token: 30,
    text: ' offline',
    inForce: { ablations: 0, nodes: 0 },
    ...{ partial: false, part: null },
    surpriseBefore: null,
  },
  surprise: { bits: 6.12, rank: 12 },
  candidates: [
    { id: 1, text: '")', share: 0.87, partial: false, part: null, before: null, observed: true },
    {
      id: 2,
      text: '|`](command:evil)',
      share: 0.05,
      ...{ partial: false, part: null },
      before: null,
      observed: false,
    },
  ],
  trace: { logprobs: new Float32Array(0), sites: [] },
};
const place = { uri: 'file:///a%20(b).py', line: 2, character: 9 };

const rows = [
  { node: '1.attn.v.6', activation: -2.104, effect: 1.937, meaning: null, scores: null },
  {
    ...{ node: '0.mlp.post_act.3', activation: 0.5, effect: -0.25 },
    ...{ meaning: '‘(’ → ‘|)’', scores: 'AUROC 0.91' },
  },
];
const content: HoverContent = {
  ...{ view, rows, config: tinyConfig(), bridgedTo: null, place },
  ...{ detail: 'full', whyNot: null },
  note: 'effect on |`](command:evil)',
};
const before = { bits: 3, rank: 2 };
const changed: TokenView = {
  ...{ ...view, inForce: { ablations: 1, nodes: 1 }, surpriseBefore: before },
  candidates: view.candidates.map((one) => ({ ...one, before: 0.5 })),
};

const compact: HoverContent = {
  ...content,
  detail: 'compact',
  whyNot: { text: ' |x', partial: false, part: null },
};
const linesOf = (content: HoverContent) => hoverMarkdown(content).split('\n');

describe('hoverMarkdown', () => {
  it('shows the token, its surprise, what comes next and the nodes', () => {
    const lines = linesOf(content);
    expect(lines[0]).toBe(
      '**<code>&#183;offline</code>** · token 30 · surprise 6.1 bits (rank 12)',
    );
    expect(lines[4]).toContain('<code>&#34;&#41;</code>&nbsp;◂');
    expect(lines[4]).toContain('87&#46;0&nbsp;&#37;');
    expect(lines[4]).toContain('L1&nbsp;head&nbsp;1&nbsp;&#183;&nbsp;V&nbsp;channel&nbsp;2');
    expect(lines[4]).toMatch(/\| −2\.10 \| [^|]*\*\*\+1\.94\*\* \|/);
    expect(lines[5]).toMatch(/\| \+0\.50 \| [^|]*\*\*−0\.25\*\* \|/);
  });

  it('says in the compact form what nodes are about, and asks why not what the file has', () => {
    const lines = linesOf(compact);
    expect(lines[0]).not.toContain('token');
    expect(lines[4]).not.toContain('−2.10');
    // What nodes are about may be text of the file.
    expect(lines[5]).toContain(
      'L0&nbsp;MLP&nbsp;&#8216;&#40;&#8217;&nbsp;&#8594;&nbsp;&#8216;&#124;',
    );
    const links = lines.find((line) => line.includes('circuitscope.openCircuit'))!;
    expect(links.split(' · ')).toHaveLength(3);
    expect(links).toMatch(
      /Why not <code>&#183;&#124;x<\/code>\?\]\(command:circuitscope\.showEffects\?/,
    );
    expect(hoverMarkdown({ ...compact, whyNot: null })).not.toContain('Why not');
  });

  it('tells how good a label is where the pointer rests on it', () => {
    const titles = linesOf(compact).flatMap((line) => [
      ...[...line.matchAll(/highlightNode\?[^ ]* "([^"]*)"/g)].map(([, title]) => title),
    ]);
    expect(titles).toHaveLength(2);
    expect(titles[0]).not.toContain('AUROC');
    expect(titles[1]).toMatch(/color this file by it &#183; AUROC 0&#46;91$/);
  });

  it('offers to steer the dense model of a bridged one, with everything shown', () => {
    const bridged = { ...content, bridgedTo: 'big' };
    expect(linesOf(bridged)[5]).toMatch(/\[steer\]\(command:circuitscope\.steerDense\?[^)]*big/);
    // A value changes no stream.
    expect(linesOf(bridged)[4]).not.toContain('steerDense');
    expect(hoverMarkdown(content)).not.toContain('steerDense');
    expect(hoverMarkdown({ ...bridged, detail: 'compact' })).not.toContain('steerDense');
  });

  it('shows both predictions when ablations are on, and the links beside the nodes still', () => {
    const markdown = hoverMarkdown({ ...compact, view: changed });
    expect(markdown).toContain(
      'surprise 3.0 bits (rank 2) → surprise 6.1 bits (rank 12) with ablations',
    );
    expect(markdown).toContain('| without | with |');
    // Two bars and the nodes would be wider than a hover.
    expect(markdown).not.toContain('█');
  });

  it('shows the prediction alone where no effects are known', () => {
    const markdown = hoverMarkdown({ ...content, rows: [] });
    expect(markdown).toContain('87&#46;0');
    expect(markdown).not.toContain('top nodes');
  });

  it.each([
    ['hover', hoverMarkdown(content), 7],
    ['compact hover', hoverMarkdown(compact), 6],
    ['hover with ablations', hoverMarkdown({ ...content, view: changed }), 7],
    ['hover without effects', hoverMarkdown({ ...content, rows: [] }), 3],
  ])(
    'has one table, as many cells in every row of the %s, whatever the tokens hold',
    (_, text, cells) => {
      const table = text.split('\n').filter((line) => line.startsWith('|'));
      expect(table).toHaveLength(4);
      for (const row of table) expect(row.split('|')).toHaveLength(cells + 2);
    },
  );

  it('links to our commands only', () => {
    const commands = [content, compact].flatMap((one) => [
      ...hoverMarkdown(one).matchAll(/\]\(command:([^?]+)/g),
    ]);
    expect(commands.length).toBeGreaterThan(12);
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
