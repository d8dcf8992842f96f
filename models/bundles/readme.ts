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
 * list bullets, records rows of a table, and a record a row a leaf. The card is one that JSON can
 * hold; what records hold deeper than a row is told by card.json alone.
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

type Fields = Readonly<Record<string, unknown>>;

const isRecord = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
/** The records of a list of nothing else; undefined for another value. */
const recordsOf = (value: unknown): readonly Fields[] | undefined =>
  Array.isArray(value) && value.length > 0 && value.every(isRecord) ? value : undefined;
const isLeaf = (value: unknown) => !isRecord(value) && !recordsOf(value);

function body(value: unknown, depth = 3): string {
  const records = recordsOf(value);
  if (records) return rows(records);
  if (Array.isArray(value)) return value.map((item) => `- ${oneLine(item)}`).join('\n');
  if (!isRecord(value)) return String(value);
  const inner = recordsOf(Object.values(value));
  if (inner?.every((one) => Object.keys(one)[0] === Object.keys(inner[0])[0])) {
    return rows(Object.keys(value).map((key, i) => ({ '': key, ...inner[i] })));
  }
  const leaves = flatten(value);
  const lists = Object.entries(value).filter(([, one]) => recordsOf(one));
  return [
    ...(leaves.length > 0 ? [table(['', ''], leaves)] : []),
    ...lists.map(([key, one]) => `${'#'.repeat(depth)} ${title(key)}\n\n${body(one, depth + 1)}`),
  ].join('\n\n');
}

/** Records of the same kind as the rows of a table. */
function rows(records: readonly Fields[]): string {
  const fields = [...new Set(records.flatMap((one) => Object.keys(one)))];
  const columns = fields.filter((key) => records.every((one) => isLeaf(one[key])));
  const cell = (value: unknown) => (value === undefined ? '' : oneLine(value));
  return table(
    columns,
    records.map((one) => columns.map((key) => cell(one[key]))),
  );
}

/** Leaves of nested records with their dotted paths. */
function flatten(record: object, prefix = ''): string[][] {
  return Object.entries(record).flatMap(([key, value]: [string, unknown]) => {
    if (isRecord(value)) return flatten(value, `${prefix}${key}.`);
    return isLeaf(value) ? [[prefix + key, oneLine(value)]] : [];
  });
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
