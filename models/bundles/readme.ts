/** The model card in words: README.md with the front matter that Hugging Face reads. */
import type { TransformerConfig } from '../transformer/config';
import type { Count, ParameterCounts } from './counts';

/** Fields of the card that go into the front matter, with what holds when the card is silent. */
const FRONT_MATTER: Readonly<Record<string, unknown>> = {
  license: undefined,
  language: undefined,
  library_name: 'circuitscope',
  pipeline_tag: 'text-generation',
  tags: ['weight-sparse', 'interpretability', 'python'],
  datasets: undefined,
};

/**
 * Text of README.md. `summary` opens it; every other field becomes a section: text a paragraph, a
 * list bullets, a record a table. The card is one that JSON can hold.
 */
export function readmeText(
  name: string,
  config: TransformerConfig,
  counts: ParameterCounts,
  card: Readonly<Record<string, unknown>>,
): string {
  const { summary, ...fields } = card;
  const sections = Object.entries(fields)
    .filter(([key]) => !(key in FRONT_MATTER))
    .map(([key, value]) => `## ${title(key)}\n\n${body(value)}`);
  return [
    frontMatter(card),
    `# ${name}`,
    ...(summary === undefined ? [] : [body(summary)]),
    ...sections,
    `## Shape\n\n${body(config)}`,
    `## Nonzero weights\n\n${countsTable(counts)}`,
  ]
    .join('\n\n')
    .concat('\n');
}

function frontMatter(card: Readonly<Record<string, unknown>>): string {
  const lines = Object.entries(FRONT_MATTER)
    .map(([key, silent]) => [key, card[key] ?? silent] as const)
    .filter(([, value]) => value !== undefined)
    // JSON is YAML, whatever the text holds.
    .map(([key, value]) => `${key}: ${JSON.stringify(value)}`);
  return ['---', ...lines, '---'].join('\n');
}

function body(value: unknown): string {
  if (Array.isArray(value)) return value.map((item) => `- ${oneLine(item)}`).join('\n');
  if (typeof value === 'object' && value !== null) {
    return table(['', ''], flatten(value));
  }
  return String(value);
}

/** Leaves of nested records with their dotted paths; lists stay whole. */
function flatten(record: object, prefix = ''): string[][] {
  return Object.entries(record).flatMap(([key, value]: [string, unknown]) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? flatten(value, `${prefix}${key}.`)
      : [[prefix + key, oneLine(value)]],
  );
}

function countsTable(counts: ParameterCounts): string {
  const row = (name: string, shape: string, { nonzero, total, fraction }: Count) => [
    name,
    shape,
    String(nonzero),
    String(total),
    fraction.toPrecision(3),
  ];
  const rows = counts.parameters.map((one) => row(one.name, `[${one.shape}]`, one));
  return table(
    ['parameter', 'shape', 'nonzero', 'all', 'fraction'],
    [...rows, row('all', '', counts)],
  );
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function oneLine(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.replace(/\s+/g, ' ');
}

/** `heldOutLoss` as `Held out loss`. */
function title(key: string): string {
  const words = key.replace(/([a-z0-9])([A-Z])/g, '$1 $2').replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1).toLowerCase();
}
