/** What a node's card shows of held-out Python: a histogram, and examples under plain headings. */
import { expect, it, vi } from 'vitest';
import type { Activity, ExampleGroup } from '../../../webview/protocol';
import { drawn, textOf } from '../../support/drawnView';

// Its elements need a page.
vi.mock(
  '../../../webview/toolkit',
  async () => (await import('../../support/drawnView')).plainToolkit,
);
const { Examples, HeldOut } = await import('../../../webview/views/examples');
const { FileHistogram, HeldOutHistogram } = await import('../../../webview/views/histogram');

const example = (activation: number, text: string, token: number | null = null) => ({
  ...{ activation, text, before: '(', after: ')', token, source: token === null ? '' : 'line 1' },
});
/** Headings and lines of a view, in order. */
const lines = (view: unknown) =>
  drawn(view)
    .filter(({ type }) => /^(h3|h4|li)$/.test(type))
    .map((element) => `${element.type} ${textOf(element)}`);

it('examples stand in groups, the strongest first, and say what a percentile is of', () => {
  const groups: ExampleGroup[] = [
    { percentile: null, examples: [example(9, 'a'), example(8, 'b')] },
    { percentile: 90, examples: [example(3, 'c')] },
  ];
  const view = HeldOut({ title: 'Held-out Python, positive', groups });
  expect(lines(view)).toEqual([
    'h3 Held-out Python, positive',
    ...['h4 strongest', 'li +9.00(a)', 'li +8.00(b)'],
    ...['h4 around the 90th percentile', 'li +3.00(c)'],
  ]);
  const titles = drawn(view)
    .filter(({ type }) => type === 'h4')
    .map(({ props }) => props['title']);
  expect(titles).toEqual([undefined, 'Of the tokens at which it has this sign, by magnitude']);
  expect(drawn(view).some(({ type }) => type === 'button')).toBe(false);
  expect(HeldOut({ title: 'none', groups: [] })).toBeNull();
});

it('an example of the file leads to its token', () => {
  const gone: number[] = [];
  const view = Examples({
    ...{ title: 'here', list: [example(1, 'a', 7)], onReveal: (token) => void gone.push(token) },
  });
  expect(lines(view)).toEqual(['h3 here', 'li +1.00(a)line 1']);
  drawn(view).find(({ type }) => type === 'button')!.props.onClick!();
  expect(gone).toEqual([7]);
});

it('the histogram of held-out text has a bar a bin, a name, and says how often the node is active', () => {
  const activity: Activity = {
    ...{ tokens: 25600, positive: 1200, negative: 34, low: -1, high: 3, bins: [1, 33, 1000, 200] },
  };
  const view = HeldOutHistogram({ activity });
  expect(lines(view)).toEqual([
    'h3 Activations in held-out Python 1,234 of 25,600 tokens; −1.00 to +3.00',
  ]);
  const svg = drawn(view).find(({ type }) => type === 'svg')!;
  expect(svg.props['aria-label']).toBe(
    'Histogram of activations in held-out Python from −1.00 to +3.00',
  );
  const bars = drawn(svg.props.children).map(({ props }) => [props.class, props['height']]);
  expect(bars).toEqual([['negative', 0.4], ['positive', 0.4], ['positive', 10], ['positive', 2]]); // prettier-ignore
});

it('a node that is never active has no bars, and one of which nothing is known no histogram', () => {
  const never = { tokens: 9, positive: 0, negative: 0, low: 0, high: 0, bins: [0, 0] };
  const view = HeldOutHistogram({ activity: never });
  expect(lines(view)).toEqual(['h3 Activations in held-out Python 0 of 9 tokens; +0.00 to +0.00']);
  expect(drawn(view).some(({ type }) => type === 'svg')).toBe(false);
  expect(HeldOutHistogram({ activity: null })).toBeNull();
  expect(FileHistogram({ values: [0, 0] })).toBeNull();
  expect(lines(FileHistogram({ values: [0, 2, -1] }))).toEqual([
    'h3 Activations in this file 2 of 3 tokens; −1.00 to +2.00',
  ]);
});
