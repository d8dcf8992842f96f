/** Files of predictions: what a model will answer as more and more of something stands in its prompts. */
import * as v from 'valibot';
import { decodeUnicode } from '../encodings';
import { parseJson, readInput } from '../input';
import { oneLine } from '../oneLine';
import { schemaError } from '../schemaError';
import { families } from './families';
import type { StressFamily } from './family';

const number = v.pipe(v.number(), v.finite());
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const text = v.pipe(v.string(), v.nonEmpty('is empty'));

/** A line that says what decides in a family, and from which number on the model errs. */
const ReasonSchema = v.strictObject({
  family: text,
  /** The node whose activation at the last token decides. */
  node: text,
  /** Number at which half of the prompts are answered wrongly; null where that never happens. */
  threshold: v.nullable(number),
  because: text,
});
/** A line that says what is answered for one number. */
const AnswerSchema = v.strictObject({ family: text, parameter: count, answer: text });

/** What is predicted of a family. */
export interface Prediction {
  readonly family: StressFamily;
  readonly node: string;
  readonly threshold: number | null;
  readonly because: string;
  /** By rising number. */
  readonly answers: readonly { readonly parameter: number; readonly answer: string }[];
}

const SHAPE =
  'write {"family": …, "node": …, "threshold": …, "because": …} or {"family": …, "parameter": …, "answer": …}';

/**
 * Predictions of a file of JSON lines, in the order of its families.
 * @throws one line that names file, line and what is wrong
 */
export function readPredictions(file: string): Prediction[] {
  const found = new Map<string, Draft>();
  decodeUnicode(readInput(file), file)
    .split(/\r\n|\n|\r/)
    .forEach((line, i) => {
      if (line.trim() !== '') read(line, `${file}:${i + 1}`, found);
    });
  if (found.size === 0) throw new Error(`${file} has no predictions; ${SHAPE}`);
  return [...found.values()].map((draft) => finished(draft, file));
}

/** What the lines so far say of a family. */
interface Draft {
  readonly family: StressFamily;
  reason: v.InferOutput<typeof ReasonSchema> | null;
  readonly answers: Map<number, string>;
}

function read(line: string, where: string, found: Map<string, Draft>): void {
  const data = parseJson(line, where, SHAPE);
  const isAnswer = typeof data === 'object' && data !== null && 'parameter' in data;
  const result = v.safeParse(isAnswer ? AnswerSchema : ReasonSchema, data);
  if (!result.success) {
    const [issue] = result.issues;
    throw new Error(oneLine(`${where}: ${schemaError(issue, 'the line')}; ${SHAPE}`));
  }
  const said = result.output;
  const family = families.find(({ name }) => name === said.family);
  if (!family) {
    const known = families.map(({ name }) => name).join(', ');
    throw new Error(
      oneLine(`${where}: there is no family '${said.family}'; the families are ${known}`),
    );
  }
  const draft = found.get(family.name) ?? { family, reason: null, answers: new Map() };
  found.set(family.name, draft);
  if ('node' in said) {
    if (draft.reason) throw new Error(`${where}: ${family.name} has a node already; keep one line`);
    draft.reason = said;
    return;
  }
  const { parameter, answer } = said;
  const { least, most } = family;
  if (parameter < least || parameter > most) {
    throw new Error(
      `${where}: ${family.name} goes from ${least} to ${most} ${family.parameter}; ${parameter} is outside`,
    );
  }
  if (answer !== family.right && answer !== family.wrong) {
    const both = `${JSON.stringify(family.right)} or ${JSON.stringify(family.wrong)}`;
    throw new Error(oneLine(`${where}: the answers of ${family.name} are ${both}`));
  }
  if (draft.answers.has(parameter)) {
    throw new Error(`${where}: ${family.name} at ${parameter} stands twice; keep one line`);
  }
  draft.answers.set(parameter, answer);
}

function finished({ family, reason, answers }: Draft, file: string): Prediction {
  const { name } = family;
  if (!reason) throw new Error(`${file}: no line says which node decides in ${name}; ${SHAPE}`);
  if (answers.size < 2) {
    throw new Error(`${file}: ${name} has ${answers.size} answers; predict two numbers or more`);
  }
  const { node, threshold, because } = reason;
  const sorted = [...answers]
    .map(([parameter, answer]) => ({ parameter, answer }))
    .sort((a, b) => a.parameter - b.parameter);
  for (const { parameter, answer } of sorted) {
    const wrong = threshold !== null && parameter > threshold;
    if ((answer === family.wrong) === wrong) continue;
    throw new Error(
      oneLine(
        `${file}: ${name} at ${parameter} is predicted to be ${JSON.stringify(answer)}, but the threshold says otherwise; make them agree`,
      ),
    );
  }
  return { family, node, threshold, because, answers: sorted };
}
