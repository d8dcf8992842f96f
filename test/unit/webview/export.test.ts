import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { contentOf, type Seen } from '../../../webview/export/content';
import { codeSpan, escapeMarkup } from '../../../webview/export/markup';
import { notesOf } from '../../../webview/export/notes';
import { svgOf } from '../../../webview/export/svg';
import { htmlOf, markdownOf, titleOf } from '../../../webview/export/text';
import { legendOf } from '../../../webview/graph/legend';
import { emptyModel, type Model } from '../../../webview/model';
import type { Theme } from '../../../webview/theme';
import { channel, circuit, edge, end } from './graphs';

const HOSTILE = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  '](command:workbench.action.quit)',
  '`| a | b |`',
  "' onload='alert(1)",
  '&lt;b&gt; **bold** _x_ https://example.com',
  '\u202egnp.exe',
];
const theme: Theme = {
  ...{ background: '#1e1e1e', foreground: '#cccccc', muted: '#999999', border: '#333333' },
  ...{ focus: '#0088ff', positive: '#d9822b', negative: '#3d7fd9', off: '#ff4444' },
  ...{ font: 'sans-serif', mono: 'monospace', highContrast: false },
};

function parts(text: string) {
  const nodes = [
    { ...end('in', 'input', 0), short: text, label: text },
    channel('a', 1, -1, { label: text, short: text, at: text, node: text }),
    end('out', 'output', 2),
  ];
  const edges = [edge('in', 'a'), edge('a', 'out', -1)];
  const whole = circuit(nodes, edges);
  const shown = { nodes, edges, joining: new Set<string>() };
  const model: Model = {
    ...emptyModel(),
    ...{ circuit: whole, empty: null },
    subject: {
      ...{ mode: 'next', file: text, model: text, target: { text, observed: true } },
      contrast: null,
      recorded: null,
      line: text,
      other: null,
      dense: null,
      drawn: null,
      cursor: { token: 1, text, line: 0, column: 0 },
      reader: { token: 1, text },
    },
    prediction: {
      inForce: { ablations: 1, nodes: 1 },
      compared: false,
      logprob: { before: -1, now: -2 },
      candidates: [
        { id: 1, text, before: 0.5, now: 0.25, observed: true, target: true, contrast: false },
      ],
    },
    marks: {
      groups: [{ name: text, collapsed: false, note: text }],
      nodes: new Map([['a', { id: 'a', group: text, pinned: true, note: text }]]),
    },
    ablations: {
      ...{ name: text, canUndo: false, canRedo: false },
      entries: [
        {
          nodes: [text],
          into: null,
          label: text,
          change: '→ mean',
          where: 'everywhere',
          on: true,
          acts: true,
          kind: { kind: 'mean' },
          place: 'all',
          token: null,
        },
      ],
    },
  };
  const part = { shown, single: nodes };
  const picture = {
    points: new Map([
      ['in', { x: 0, y: 0 }],
      ['a', { x: 100, y: 10 }],
      ['out', { x: 200, y: 0 }],
    ]),
    ...{ routes: [], lanes: [{ lane: 5, top: -20, bottom: 30 }] },
    headings: [
      { text, x: 0, span: 0, line: 2 },
      { text: 'L0', x: 100, span: 0, line: 0 },
    ],
  };
  const isAblated = () => false;
  const svg = svgOf({
    ...{ title: text, shown, isAblated, notes: notesOf(model, nodes), picture, theme },
  });
  const seen = { model, part, isAblated, graph: { picture: () => picture } } as unknown as Seen;
  return { seen, svg, html: htmlOf(model, part, svg), markdown: markdownOf(model, part) };
}

// The page, as far as exports ask it.
beforeEach(() => {
  vi.stubGlobal('document', {
    body: { classList: { contains: () => false } },
    createElement: () => ({
      getContext: () => ({ drawImage: () => undefined }),
      toDataURL: () => 'data:image/png;base64,AAAA',
    }),
  });
  vi.stubGlobal('getComputedStyle', () => ({
    ...{ getPropertyValue: () => '', color: '#cccccc', fontFamily: 'sans-serif' },
  }));
});
afterEach(() => {
  vi.unstubAllGlobals();
});

/** The picture that the browser draws for a PNG. */
async function drawnAsPng(seen: Seen): Promise<string> {
  let drawn = '';
  class Image {
    width = 100;
    height = 100;
    set src(address: string) {
      drawn = decodeURIComponent(address.replace(/^[^,]*,/, ''));
    }
    decode = () => Promise.resolve();
  }
  vi.stubGlobal('Image', Image);
  expect(await contentOf('png', seen)).toBe('AAAA');
  return drawn;
}

const unescaped = (markup: string) =>
  markup.replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)));

/** Names of the tags and attributes of markup. */
function markupOf(text: string): string[] {
  return [...text.matchAll(/<\/?[a-z!][^>]*>/gi)].map(([tag]) => tag.replace(/"[^"]*"/g, '""'));
}

describe('exports', () => {
  it.each(HOSTILE)('have the same markup whatever a label holds: %s', (text) => {
    const harmless = parts('plain');
    const hostile = parts(text);
    expect(markupOf(hostile.svg)).toEqual(markupOf(harmless.svg));
    expect(markupOf(hostile.html)).toEqual(markupOf(harmless.html));
    const cells = (markdown: string) =>
      markdown.split('\n').map((line) => line.split(/(?<!\\)\|/).length);
    expect(cells(hostile.markdown)).toEqual(cells(harmless.markdown));
    // Outside of code spans there is nothing that Markdown reads as markup.
    expect(hostile.markdown.replace(/(`+)(?!`).*?(?<!`)\1(?!`)/g, '')).not.toMatch(
      /[<`[\]*_]|https:/,
    );
    expect(hostile.markdown).not.toContain('\u202e');
    expect(hostile.markdown).not.toMatch(/&#/);
  });

  it('draw what is shown: a path an edge, a circle a channel, dashed where it is ablated', () => {
    const { svg } = parts('plain');
    expect(svg.match(/<path [^>]*fill="none"/g)).toHaveLength(2);
    // The first pushes up, the second down.
    expect(svg.match(/<polygon /g)).toHaveLength(1);
    expect(svg.match(/<circle class="node"/g)).toHaveLength(1);
    expect(svg).not.toMatch(/NaN|undefined/);
  });

  it('name numbers as people read them', () => {
    const { markdown } = parts('plain');
    expect(markdown).toContain('| `plain` | 50.0 % | 25.0 % |');
    expect(markdown).toContain('−1.000');
  });

  it('have a title, headings and a legend within the picture: SVG, HTML and PNG', async () => {
    const { seen } = parts('plain');
    const svg = await contentOf('svg', seen);
    const [inPage] = /<svg[^]*<\/svg>/.exec(await contentOf('html', seen))!;
    for (const picture of [svg, inPage, await drawnAsPng(seen)]) {
      const [x, y, width, height] = /viewBox="([^"]*)"/.exec(picture)![1].split(' ').map(Number);
      const said = [...picture.matchAll(/<text x="([^"]*)" y="([^"]*)"[^>]*>([^<]*)</g)].map(
        ([, left, top, text]) => ({ left: Number(left), top: Number(top), text: unescaped(text) }),
      );
      for (const { left, top } of said) {
        expect(left).toBeGreaterThanOrEqual(x);
        expect(left).toBeLessThan(x + width);
        expect(top).toBeGreaterThan(y);
        expect(top).toBeLessThan(y + height);
      }
      const texts = said.map(({ text }) => text);
      expect(texts).toEqual(
        expect.arrayContaining(['L0', ...legendOf(false).map(([, text]) => text)]),
      );
      expect(texts).toContain(titleOf(seen.model));
      // Each sign stands beside its words; notes have none.
      const signs = picture.match(/^<(circle|line) .*class="legend">/gm)!;
      expect(signs).toHaveLength(legendOf(false).length);
    }
  });

  it('say in the legend what colors mean where two texts are compared', async () => {
    const { seen } = parts('plain');
    const { shown } = seen.part;
    const nodes = shown.nodes.map((node) => ({ ...node, other: 1 }));
    const part = { ...seen.part, shown: { ...shown, nodes } };
    const svg = await contentOf('svg', { ...seen, part });
    expect(svg).toContain('higher in the other text');
    expect(svg).not.toContain('active, above');
  });

  it('leave the page without scripts or addresses', () => {
    const { html } = parts('plain');
    expect(html).toContain("default-src 'none'");
    expect(html).not.toMatch(/<script|src=|href=/);
  });
});

describe('codeSpan', () => {
  it.each([
    ['2.attn.q.5', '`2.attn.q.5`'],
    ['a`b', '``a`b``'],
    ['`', '`` ` ``'],
    ['a|b', '`a\\|b`'],
    ['x\ny', '`x\\u{a}y`'],
    ['', ''],
  ])('keeps text as it is: %j', (text, span) => {
    expect(codeSpan(text)).toBe(span);
  });
});

describe('escapeMarkup', () => {
  it('keeps letters, digits and numbers as they are', () => {
    expect(escapeMarkup('Zahl −1.25 → 50 % × 2')).toBe('Zahl −1.25 → 50 % × 2');
    expect(escapeMarkup('a.b')).toBe('a&#46;b');
  });
});
