/** What stands above the columns: layer, part and site, each once over all of its columns. */
import type { GraphNode } from '../protocol';

/** A line of text over some columns. */
export interface Heading {
  readonly text: string;
  /** Middle of the columns, and their distance from first to last. */
  readonly x: number;
  readonly span: number;
  /** 0 for the layer, 1 for the part, 2 for the site. */
  readonly line: number;
}

/** The headings of placed columns, from left to right. */
export function columnHeadings(
  nodes: readonly GraphNode[],
  columns: readonly { readonly column: number; readonly x: number }[],
): Heading[] {
  const labels = new Map(nodes.map(({ column, columnLabel }) => [column, columnLabel]));
  const found = new Map<string, { text: string; xs: number[]; line: number }>();
  for (const { column, x } of columns) {
    const lines = (labels.get(column) ?? '').split('\n');
    // What belongs to no layer stands at the bottom.
    const first = lines.length === 1 ? 2 : 0;
    lines.forEach((text, i) => {
      const key = first + i === 2 ? `${column}` : lines.slice(0, i + 1).join();
      const own = found.get(key) ?? { text, xs: [], line: first + i };
      own.xs.push(x);
      found.set(key, own);
    });
  }
  return [...found.values()].map(({ text, xs, line }) => {
    const [from, to] = [xs[0], xs[xs.length - 1]];
    return { text, x: (from + to) / 2, span: to - from, line };
  });
}
