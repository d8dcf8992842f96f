/** The editor's colors, read from its CSS variables, for what is drawn on a canvas or exported. */

export interface Theme {
  readonly background: string;
  readonly foreground: string;
  readonly muted: string;
  readonly border: string;
  readonly focus: string;
  readonly positive: string;
  readonly negative: string;
  readonly off: string;
  readonly font: string;
  readonly mono: string;
  readonly highContrast: boolean;
}

type Rgb = readonly [number, number, number];

/** The theme as it is now. */
export function readTheme(): Theme {
  const style = getComputedStyle(document.body);
  const value = (name: string): string | null =>
    style.getPropertyValue(`--vscode-${name}`).trim() || null;
  const first = (...names: string[]): string =>
    names.map(value).find((found) => found !== null) ?? style.color;
  const { classList } = document.body;
  const highContrast =
    classList.contains('vscode-high-contrast') || classList.contains('vscode-high-contrast-light');
  const background = first('editor-background');
  const foreground = first('editor-foreground', 'foreground');
  return {
    background,
    foreground,
    muted: highContrast ? foreground : first('descriptionForeground', 'foreground'),
    border: first('contrastBorder', 'panel-border', 'editorWidget-border'),
    focus: first('contrastActiveBorder', 'focusBorder'),
    positive: first('circuitscope-barChanged', 'charts-orange'),
    negative: first('circuitscope-bar', 'charts-blue'),
    off: first('errorForeground', 'charts-red'),
    font: plainFont(value('font-family') ?? style.fontFamily),
    mono: plainFont(value('editor-font-family') ?? 'monospace'),
    highContrast,
  };
}

/** A color between two, from 0 for the first to 1 for the second. */
export function mixed(from: string, to: string, share: number): string {
  const [a, b] = [rgb(from), rgb(to)];
  return text(a.map((value, i) => value + (b[i] - value) * share) as unknown as Rgb);
}

/** Color of a signed number whose magnitude is a share of the largest. */
export function signedColor(theme: Theme, value: number, largest: number): string {
  const share = largest > 0 ? Math.min(1, Math.abs(value) / largest) : 0;
  if (share === 0) return theme.background;
  return mixed(theme.background, value < 0 ? theme.negative : theme.positive, 0.25 + 0.75 * share);
}

function rgb(color: string): Rgb {
  const hex = /^#([0-9a-f]{3,8})$/i.exec(color.trim())?.[1];
  if (hex !== undefined) {
    const long = hex.length < 6 ? [...hex].map((digit) => digit + digit).join('') : hex;
    return [0, 2, 4].map((at) => parseInt(long.slice(at, at + 2), 16)) as unknown as Rgb;
  }
  const numbers = color.match(/[\d.]+/g)?.map(Number) ?? [];
  return [numbers[0] ?? 0, numbers[1] ?? 0, numbers[2] ?? 0];
}

function text([r, g, b]: Rgb): string {
  return `#${[r, g, b].map((part) => Math.round(part).toString(16).padStart(2, '0')).join('')}`;
}

/** Font names as cytoscape takes them: without quotes. */
function plainFont(names: string): string {
  return names.replace(/['"]/g, '');
}
