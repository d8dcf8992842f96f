/** Charts as SVG text: rows of dots on one axis, and lines. Colours are told apart by everybody (Okabe and Ito). */

export const COLOURS = {
  blue: '#0072b2',
  orange: '#d55e00',
  green: '#009e73',
  sky: '#56b4e9',
  pink: '#cc79a7',
  grey: '#7f7f7f',
};

const FONT = "font-family='system-ui, sans-serif' font-size='12'";
const TEXT = '#1f2328';
const FAINT = '#d9dee3';

/** @param {unknown} text */
function escape(text) {
  const entities = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  return String(text).replace(/[&<>"']/g, (c) => entities[c]);
}

/** @param {number} x */
const px = (x) => Number(x.toFixed(1));

/**
 * @typedef {object} Scale
 * @property {(value: number) => number} at place of a value, in pixels
 * @property {number[]} ticks
 */

/**
 * A linear or logarithmic axis that holds all values.
 * @param {number[]} values
 * @param {[number, number]} range pixels
 * @param {boolean} log
 * @returns {Scale}
 */
function scale(values, range, log) {
  const finite = values.filter((v) => Number.isFinite(v) && (!log || v > 0));
  const [low, high] = [Math.min(...finite), Math.max(...finite)];
  const ticks = log ? logTicks(low, high) : linearTicks(Math.min(0, low), high);
  const f = log ? Math.log : (/** @type {number} */ x) => x;
  const [from, to] = [f(ticks[0]), f(ticks.at(-1) ?? 1)];
  const at = (/** @type {number} */ value) => {
    const share = (f(value) - from) / (to - from || 1);
    return range[0] + Math.min(1, Math.max(0, share)) * (range[1] - range[0]);
  };
  return { at, ticks };
}

/** Powers of ten around the values, with 2 and 5 where few decades are spanned. */
function logTicks(low, high) {
  const decades = Math.log10(high / low);
  const steps = decades < 2.5 ? [1, 2, 5] : [1];
  const ticks = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) {
    for (const step of steps) ticks.push(step * 10 ** power);
  }
  const first = Math.max(
    0,
    ticks.findLastIndex((tick) => tick <= low),
  );
  const last = ticks.findIndex((tick) => tick >= high);
  return ticks.slice(first, last + 1);
}

function linearTicks(low, high) {
  const rough = (high - low || 1) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((s) => s * power >= rough);
  const first = Math.floor(low / step);
  const count = Math.ceil(high / step) - first;
  return Array.from({ length: count + 1 }, (_, i) => (first + i) * step);
}

/** @param {number} value */
const tickText = (value) =>
  Math.abs(value) >= 1e5 || (value !== 0 && Math.abs(value) < 1e-3)
    ? value.toExponential(0)
    : String(Number(value.toPrecision(3)));

/** @param {string} text @param {number} x @param {number} y @param {string} [more] */
const label = (text, x, y, more = '') =>
  `<text x='${px(x)}' y='${px(y)}' fill='${TEXT}' ${more}>${escape(text)}</text>`;

/** @param {{name: string, colour: string}[]} series @param {number} x @param {number} y */
function legend(series, x, y) {
  const parts = [];
  for (const { name, colour } of series) {
    parts.push(`<circle cx='${px(x)}' cy='${px(y - 4)}' r='5' fill='${colour}'/>`);
    parts.push(label(name, x + 10, y));
    x += 30 + 6.6 * name.length;
  }
  return parts.join('\n');
}

/** @param {number} width @param {number} height @param {string} title @param {string[]} parts */
function frame(width, height, title, parts) {
  return [
    `<svg xmlns='http://www.w3.org/2000/svg' width='${width}' height='${height}' viewBox='0 0 ${width} ${height}' role='img' aria-label='${escape(title)}' ${FONT}>`,
    `<rect width='100%' height='100%' fill='#ffffff'/>`,
    label(title, 16, 26, "font-size='15' font-weight='600'"),
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

/**
 * One row a name, one dot a series; rows of two series are joined.
 * @param {{title: string, axis: string, log?: boolean, series: {name: string, colour: string}[],
 *   rows: {name: string, values: (number | null)[]}[], mark?: {value: number, name: string}}} chart
 */
export function dotChart({ title, axis, log = false, series, rows, mark }) {
  const [left, right, top, step] = [210, 40, 72, 22];
  const width = 820;
  const bottom = top + step * rows.length;
  const all = rows.flatMap(({ values }) => values.filter((v) => v !== null));
  const { at, ticks } = scale(mark ? [...all, mark.value] : all, [left, width - right], log);
  const parts = [legend(series, 20, 50)];
  for (const tick of ticks) {
    const x = px(at(tick));
    parts.push(`<path d='M${x} ${top - 8}V${bottom}' stroke='${FAINT}'/>`);
    parts.push(label(tickText(tick), x, bottom + 16, "text-anchor='middle'"));
  }
  if (mark) {
    const x = px(at(mark.value));
    parts.push(`<path d='M${x} ${top - 8}V${bottom}' stroke='${TEXT}' stroke-dasharray='4 3'/>`);
    parts.push(label(mark.name, x + 4, top - 10, "font-size='11'"));
  }
  rows.forEach(({ name, values }, i) => {
    const y = top + step * (i + 0.5);
    parts.push(label(name, left - 12, y + 4, "text-anchor='end'"));
    const xs = values.filter((v) => v !== null).map((v) => at(v));
    if (xs.length > 1) {
      const [from, to] = [px(Math.min(...xs)), px(Math.max(...xs))];
      parts.push(
        `<path d='M${from} ${px(y)}H${to}' stroke='${COLOURS.grey}' stroke-opacity='.5'/>`,
      );
    }
    values.forEach((value, s) => {
      if (value === null) return;
      const fill = series[s].colour;
      const tip = `${name}, ${series[s].name}: ${value}`;
      parts.push(
        `<circle cx='${px(at(value))}' cy='${px(y)}' r='5' fill='${fill}'><title>${escape(tip)}</title></circle>`,
      );
    });
  });
  parts.push(label(axis, (left + width - right) / 2, bottom + 36, "text-anchor='middle'"));
  return frame(width, bottom + 48, title, parts);
}

/**
 * Lines over shared names or numbers along the x axis.
 * @param {{title: string, x: string, y: string, logX?: boolean, logY?: boolean, names?: string[],
 *   series: {name: string, colour: string, faint?: boolean, points: [number, number][]}[],
 *   mark?: {value: number, name: string}}} chart
 */
export function lineChart({ title, x, y, logX = false, logY = false, names, series, mark }) {
  const [width, height, left, right, top, foot] = [820, 420, 70, 30, 72, 56];
  const points = series.flatMap((s) => s.points);
  const horizontal = scale(
    points.map((p) => p[0]),
    [left, width - right],
    logX,
  );
  const values = points.map((p) => p[1]);
  const vertical = scale(mark ? [...values, mark.value] : values, [height - foot, top], logY);
  const parts = [
    legend(
      series.filter((s) => !s.faint),
      20,
      50,
    ),
  ];
  for (const tick of vertical.ticks) {
    const at = px(vertical.at(tick));
    parts.push(`<path d='M${left} ${at}H${width - right}' stroke='${FAINT}'/>`);
    parts.push(label(tickText(tick), left - 8, at + 4, "text-anchor='end'"));
  }
  const marks = names
    ? names.map((name, i) => [i, name])
    : horizontal.ticks.map((t) => [t, tickText(t)]);
  for (const [value, text] of marks) {
    parts.push(
      label(String(text), horizontal.at(Number(value)), height - foot + 18, "text-anchor='middle'"),
    );
  }
  if (mark) {
    const at = px(vertical.at(mark.value));
    parts.push(
      `<path d='M${left} ${at}H${width - right}' stroke='${TEXT}' stroke-dasharray='4 3'/>`,
    );
    parts.push(label(mark.name, width - right, at - 5, "text-anchor='end' font-size='11'"));
  }
  for (const { points: line, colour, faint } of series) {
    const path = line.map(([a, b]) => `${px(horizontal.at(a))} ${px(vertical.at(b))}`).join('L');
    const look = faint ? "stroke-width='1' stroke-opacity='.35'" : "stroke-width='2.5'";
    parts.push(`<path d='M${path}' fill='none' stroke='${colour}' ${look}/>`);
  }
  parts.push(label(x, (left + width - right) / 2, height - 14, "text-anchor='middle'"));
  parts.push(label(y, 16, top - 4, "font-size='11'"));
  return frame(width, height, title, parts);
}
