/** Labels that people give to nodes, a file a model. They are text of anybody's: nothing in them is hidden. */
import * as v from 'valibot';
import { parseJson } from '../input';
import { fileName, plainText } from '../keptFiles';
import { oneLine } from '../oneLine';
import { schemaError } from '../schemaError';

/** The model whose nodes are labelled. */
export interface LabelledModel {
  readonly name: string;
  readonly hash: string;
}

/** Labels by node name. */
export type GivenLabels = ReadonlyMap<string, string>;

/** The folder that they are kept in, below that of all that is kept. */
export const GIVEN_FOLDER = 'labels';
const LONGEST = 60;

const FileSchema = v.object({
  format: v.literal('circuitscope/labels'),
  bundle: v.object({ name: v.string(), hash: v.string() }),
  labels: v.record(v.string(), v.string()),
});

/** The file of a model: models of one name may differ, and their nodes with them. */
export function givenFile({ name, hash }: LabelledModel): string {
  return fileName(`${name}-${hash.slice(0, 12)}`);
}

/** A label as it is kept and shown. */
export function plainLabel(text: string): string {
  return plainText(text, LONGEST);
}

/**
 * The labels of a file.
 * @param where what an error calls it
 * @throws one line that says what is wrong
 */
export function parseGiven(text: string, where: string): GivenLabels {
  const remedy = 'correct or remove it';
  const read = v.safeParse(FileSchema, parseJson(text, where, remedy));
  if (!read.success) {
    throw new Error(oneLine(`${where}: ${schemaError(read.issues[0])}; ${remedy}`));
  }
  const labels = Object.entries(read.output.labels).map(
    ([node, label]) => [node, plainLabel(label)] as const,
  );
  return new Map(labels.filter(([, label]) => label !== ''));
}

/** The labels as they are kept, in the order of their nodes. */
export function givenText({ name, hash }: LabelledModel, labels: GivenLabels): string {
  const sorted = [...labels].sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }));
  const data = {
    format: 'circuitscope/labels',
    bundle: { name, hash },
    labels: Object.fromEntries(sorted),
  };
  return `${JSON.stringify(data, null, 2)}\n`;
}
