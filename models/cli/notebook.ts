/** Notebooks: the Python cells of a Jupyter file, each a text of its own, as in an editor. */
import * as v from 'valibot';
import { readJson } from '../input';
import { withLineFeeds } from '../tokenizer/lineEnds';

const Source = v.union([v.string(), v.array(v.string())]);
const Cell = v.object({
  cell_type: v.string(),
  source: v.optional(Source),
  /** So in format 3. */
  input: v.optional(Source),
  metadata: v.optional(v.object({ vscode: v.optional(v.object({ languageId: v.string() })) })),
});
const Named = v.optional(
  v.object({ name: v.optional(v.string()), language: v.optional(v.string()) }),
);
const Notebook = v.object({
  metadata: v.optional(v.object({ language_info: Named, kernelspec: Named })),
  cells: v.optional(v.array(Cell)),
  worksheets: v.optional(v.array(v.object({ cells: v.array(Cell) }))),
});
/** Magics after which a cell is still Python. */
const PYTHON_MAGIC = /^%%(capture|prun|time|timeit)\b/;

/** Whether a file is a notebook by its name. */
export function isNotebook(file: string): boolean {
  return file.endsWith('.ipynb');
}

/**
 * Texts of a notebook's Python cells, in order.
 * @throws one line when it is not a notebook, or not in Python
 */
export function cellsOf(file: string): string[] {
  const result = v.safeParse(Notebook, readJson(file, 'give a notebook that Jupyter wrote'));
  if (!result.success) throw new Error(`${file} is not a notebook; give one that Jupyter wrote`);
  const { metadata, cells, worksheets } = result.output;
  const language = metadata?.language_info?.name ?? metadata?.kernelspec?.language ?? 'python';
  if (!/^i?python/i.test(language)) {
    throw new Error(`${file} is a notebook in ${language.slice(0, 40)}; give one in Python`);
  }
  const all = cells ?? worksheets?.flatMap((sheet) => sheet.cells) ?? [];
  return all.filter(isPython).map(textOf);
}

function textOf({ source, input }: v.InferOutput<typeof Cell>): string {
  const text = source ?? input ?? '';
  return withLineFeeds(typeof text === 'string' ? text : text.join(''));
}

function isPython(cell: v.InferOutput<typeof Cell>): boolean {
  const language = cell.metadata?.vscode?.languageId ?? 'python';
  if (cell.cell_type !== 'code' || language !== 'python') return false;
  const text = textOf(cell).trimStart();
  return !text.startsWith('%%') || PYTHON_MAGIC.test(text);
}
