// @ts-check
/**
 * Charts as SVG text: rows of marks on one axis, and lines. They follow the reader's light or dark
 * theme and bring their own background, because a page may have another theme than the browser.
 */

/** Colours that everybody can tell apart (Okabe and Ito), for light and dark. */
const COLOURS = {
  blue: ['#0072b2', '#4db2e6'],
  orange: ['#d55e00', '#ff9248'],
  green: ['#009e73', '#3ccba2'],
  grey: ['#6e7781', '#9aa4ae'],
  pink: ['#b8578f', '#e29ac3'],
  sky: ['#3a9bd6', '#8fd0f5'],
};
/** @typedef {keyof typeof COLOURS} Colour */
/** @typedef {'dot' | 'ring' | 'diamond' | 'tick'} Mark */
/** @typedef {{ name: string, colour: Colour, mark?: Mark | undefined, size?: number }} Series `size` in pixels from the middle */
/** @typedef {{ value: number, name: string }} Line a value worth a line across the chart */

const WIDTH = 820;
const CHARACTER = 6.6;

/** @param {0 | 1} theme */
function colours(theme) {
  const [page, text, faint] = [
    ['#ffffff', '#1f2328', '#d9dee3'],
    ['#0d1117', '#e6edf3', '#30363d'],
  ][theme];
  const own = Object.entries(COLOURS).map(
    ([name, both]) => `.${name}{fill:${both[theme]};stroke:${both[theme]}}`,
  );
  const fixed = `.page,.ring{fill:${page}}text{fill:${text}}.grid{stroke:${faint}}.line{stroke:${text}}.path{fill:none}`;
  // Last what takes away the fill that a colour gave.
  return own.join('') + fixed;
}
const FONTS =
  'text{font:12px system-ui,sans-serif}.title{font-size:15px;font-weight:600}.small{font-size:11px}';
const STYLE = `<style>${FONTS}${colours(0)}@media(prefers-color-scheme:dark){${colours(1)}}</style>`;

/**
 * Text as part of markup.
 * @param {string} text
 */
export function escapeMarkup(text) {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/** @param {number} x */
const px = (x) => Number(x.toFixed(1));

/**
 * @typedef {object} Scale
 * @property {(value: number) => number} at place of a value, in pixels
 * @property {number[]} ticks
 */

/**
 * A logarithmic axis a little longer than the values, which are above 0.
 * @param {number[]} values
 * @param {readonly [number, number]} range pixels
 * @returns {Scale}
 */
function logScale(values, range) {
  const [low, high] = [Math.min(...values) / 1.15, Math.max(...values) * 1.15];
  const steps = Math.log10(high / low) < 2.5 ? [1, 2, 5] : [1];
  const ticks = [];
  for (let power = Math.floor(Math.log10(low)); 10 ** power <= high; power++) {
    for (const step of steps) ticks.push(step * 10 ** power);
  }
  const line = linear([Math.log(low), Math.log(high)], range);
  return {
    at: (value) => line(Math.log(value)),
    ticks: ticks.filter((tick) => tick >= low && tick <= high),
  };
}

/**
 * A linear axis from tick to tick that holds all values.
 * @param {number[]} values
 * @param {readonly [number, number]} range pixels
 * @returns {Scale}
 */
function linearScale(values, range) {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const rough = (high - low || 1) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((s) => s * power >= rough) ?? 10);
  // Rounding must not add a step.
  const first = Math.floor(low / step + 1e-9);
  const count = Math.ceil(high / step - 1e-9) - first;
  const ticks = Array.from({ length: count + 1 }, (_, i) => (first + i) * step);
  return { at: linear([ticks[0], ticks[count]], range), ticks };
}

/**
 * @param {readonly [number, number]} from
 * @param {readonly [number, number]} to
 */
function linear([low, high], [start, end]) {
  return (/** @type {number} */ value) =>
    start + ((value - low) / (high - low || 1)) * (end - start);
}

/** @param {number} value */
const tickText = (value) =>
  Math.abs(value) >= 1e5 ? value.toExponential(0) : String(Number(value.toPrecision(3)));

/**
 * A text at a place.
 * @param {string} text
 * @param {number} x
 * @param {number} y
 * @param {string} [more] attributes
 */
export const label = (text, x, y, more = '') =>
  `<text x="${px(x)}" y="${px(y)}"${more && ` ${more}`}>${escapeMarkup(text)}</text>`;
const END = 'text-anchor="end"';
const MIDDLE = 'text-anchor="middle"';

/** A ring leaves room for a dot in it. */
const SIZES = { dot: 4, ring: 5.5, diamond: 6, tick: 7 };

/**
 * @param {Series} series
 * @param {number} x
 * @param {number} y
 * @param {string} [tip]
 */
function drawMark({ colour, mark = 'dot', size = SIZES[mark] }, x, y, tip) {
  const [at, row] = [px(x), px(y)];
  const title = tip === undefined ? '' : `<title>${escapeMarkup(tip)}</title>`;
  switch (mark) {
    case 'dot':
      return `<circle class="${colour}" cx="${at}" cy="${row}" r="${size}">${title}</circle>`;
    case 'ring':
      return `<circle class="${colour} ring" stroke-width="2" cx="${at}" cy="${row}" r="${size}">${title}</circle>`;
    case 'diamond':
      return `<path class="${colour}" d="M${at} ${row - size}l${size} ${size}l-${size} ${size}l-${size} -${size}z">${title}</path>`;
    case 'tick':
      return `<path class="${colour}" stroke-width="2.5" d="M${at} ${row - size}v${2 * size}">${title}</path>`;
  }
}

/** Where a legend begins, and pixels between its lines. */
const LEGEND = { x: 22, y: 52, line: 20 };

/**
 * Marks and names side by side, in as many lines as the width asks for.
 * @param {Series[]} series
 * @returns {{ parts: string[], more: number }} `more` is what lines beyond the first take, in pixels
 */
function legend(series) {
  let { x, y } = LEGEND;
  const parts = series.map((one) => {
    const width = 12 + CHARACTER * one.name.length;
    if (x > LEGEND.x && x + width > WIDTH) {
      x = LEGEND.x;
      y += LEGEND.line;
    }
    const part = drawMark(one, x, y - 4) + label(one.name, x + 12, y);
    x += width + 24;
    return part;
  });
  return { parts, more: y - LEGEND.y };
}

/**
 * Parts as a picture with a title.
 * @param {number} height
 * @param {string} title
 * @param {readonly string[]} parts
 * @param {number} [width]
 */
export function frame(height, title, parts, width = WIDTH) {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeMarkup(title)}">`,
    STYLE,
    '<rect class="page" width="100%" height="100%" rx="6"/>',
    label(title, 16, 27, 'class="title"'),
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

/**
 * One row a name, one mark a series; the marks of a row are joined.
 * @param {{
 *   title: string, axis: string, log?: boolean, series: Series[], line?: Line,
 *   rows: { name: string, values: (number | null)[], marks?: Mark[] }[],
 * }} chart `marks` of a row are in the place of those of the series
 */
export function rowChart({ title, axis, log = false, series, rows, line }) {
  const { parts, more } = legend(series);
  const [left, right, top, step] = [190, 40, 80 + more, 22];
  const bottom = top + step * rows.length;
  const known = rows.flatMap(({ values }) => values.filter((value) => value !== null));
  const { at, ticks } = (log ? logScale : linearScale)(line ? [...known, line.value] : known, [
    left + 10,
    WIDTH - right,
  ]);
  for (const tick of ticks) {
    const x = px(at(tick));
    parts.push(`<path class="grid" d="M${x} ${top}V${bottom}"/>`);
    parts.push(label(tickText(tick), x, bottom + 17, MIDDLE));
  }
  if (line) {
    const x = px(at(line.value));
    parts.push(`<path class="line" stroke-dasharray="4 3" d="M${x} ${top - 4}V${bottom}"/>`);
    parts.push(label(line.name, x, top - 8, `class="small" ${MIDDLE}`));
  }
  rows.forEach(({ name, values, marks = [] }, i) => {
    const y = top + step * (i + 0.5);
    parts.push(label(name, left, y + 4, END));
    const xs = values.filter((value) => value !== null).map(at);
    if (xs.length > 1) {
      const [from, to] = [px(Math.min(...xs)), px(Math.max(...xs))];
      parts.push(`<path class="grey" stroke-opacity=".45" d="M${from} ${px(y)}H${to}"/>`);
    }
    values.forEach((value, s) => {
      if (value === null) return;
      const tip = `${name}, ${series[s].name}: ${Number(value.toPrecision(4))}`;
      parts.push(drawMark({ ...series[s], mark: marks[s] ?? series[s].mark }, at(value), y, tip));
    });
  });
  parts.push(label(axis, (left + WIDTH - right) / 2, bottom + 38, MIDDLE));
  return frame(bottom + 52, title, parts);
}

/**
 * Lines over numbers, or over names by their index.
 * @param {{
 *   title: string, x: string, y: string, logX?: boolean, logY?: boolean, names?: string[],
 *   line?: Line,
 *   series: (Series & { points: [number, number][], faint?: boolean, joined?: boolean })[],
 * }} chart faint lines have no marks and no place in the legend, nor have series without a name; the
 *   points of a series are joined unless it says otherwise; `line` is a value of y
 */
export function lineChart({ title, x, y, logX = false, logY = false, names, line, series }) {
  const { parts, more } = legend(series.filter(({ faint, name }) => !faint && name !== ''));
  const [height, left, right, top, foot] = [440 + more, 70, 40, 92 + more, 60];
  const points = series.flatMap((one) => one.points);
  const xs = points.map(([value]) => value);
  const ys = points.map(([, value]) => value);
  const across = (logX ? logScale : linearScale)(xs, [left, WIDTH - right]);
  const up = (logY ? logScale : linearScale)(line ? [...ys, line.value] : [...ys], [
    height - foot,
    top,
  ]);
  for (const tick of up.ticks) {
    const at = px(up.at(tick));
    parts.push(`<path class="grid" d="M${left} ${at}H${WIDTH - right}"/>`);
    parts.push(label(tickText(tick), left - 8, at + 4, END));
  }
  const places = names
    ? names.map((name, i) => ({ at: across.at(i), text: name }))
    : across.ticks.map((tick) => ({ at: across.at(tick), text: tickText(tick) }));
  for (const { at, text } of places) parts.push(label(text, at, height - foot + 18, MIDDLE));
  if (line) {
    const at = px(up.at(line.value));
    parts.push(`<path class="line" stroke-dasharray="4 3" d="M${left} ${at}H${WIDTH - right}"/>`);
    parts.push(label(line.name, WIDTH - right, at - 5, `class="small" ${END}`));
  }
  for (const { points: own, faint, joined = true, ...one } of series) {
    const path = own.map(([a, b]) => `${px(across.at(a))} ${px(up.at(b))}`).join('L');
    const look = faint ? 'stroke-opacity=".3"' : 'stroke-width="2.5"';
    if (joined) parts.push(`<path class="${one.colour} path" ${look} d="M${path}"/>`);
    if (faint) continue;
    for (const [a, b] of own) {
      const where = names ? names[a] : tickText(a);
      const tip = `${one.name ? `${one.name}, ` : ''}${where}: ${Number(b.toPrecision(4))}`;
      parts.push(drawMark(one, across.at(a), up.at(b), tip));
    }
  }
  parts.push(label(x, (left + WIDTH - right) / 2, height - 16, MIDDLE));
  parts.push(label(y, 16, top - 16, 'class="small"'));
  return frame(height, title, parts);
}

/**
 * Shares as a matrix of squares with percentages, the fuller the lower.
 * @param {{
 *   title: string, rows: string[], columns: string[], values: (number | null)[][], note: string,
 * }} chart values from 0 to 1 by row
 */
export function matrixChart({ title, rows, columns, values, note }) {
  const [left, top, cell] = [180, 200, 30];
  const parts = [label(note, 16, 47, 'class="small"')];
  columns.forEach((name, column) => {
    const [x, y] = [left + cell * (column + 0.6), top - 8];
    parts.push(label(name, x, y, `class="small" transform="rotate(-60 ${x} ${y})"`));
  });
  rows.forEach((name, row) => {
    const y = top + cell * row;
    parts.push(label(name, left - 8, y + cell / 2 + 4, END));
    columns.forEach((column, i) => {
      const value = values[row][i];
      if (value === null) return;
      const x = left + cell * i;
      const fill = Math.max(0, Math.min(1, 2 * (1 - value))).toFixed(2);
      const tip = `without ${name}: ${column} ${Math.round(100 * value)} %`;
      const own = name === column ? ' class="orange"' : ' class="blue"';
      parts.push(
        `<g><title>${escapeMarkup(tip)}</title><rect${own} x="${x + 1}" y="${y + 1}" width="${cell - 2}" height="${cell - 2}" fill-opacity="${fill}"/></g>`,
      );
      const text = String(Math.round(100 * value));
      parts.push(label(text, x + cell / 2, y + cell / 2 + 4, `class="small" ${MIDDLE}`));
    });
  });
  return frame(top + cell * rows.length + 20, title, parts);
}
