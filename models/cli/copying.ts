/** `circuitscope copying`: does the model copy names that are new to it? */
import { join } from 'node:path';
import type { Runtime } from '../runtime/runtime';
import {
  COPY_ROLES,
  NAME_LENGTHS,
  copiedOf,
  copyPrompts,
  type CopyPrompt,
  type CopyRole,
  type NameLength,
} from '../tasks/copyPrompts';
import { Tokenizer } from '../tokenizer/tokenizer';
import {
  parseOptions,
  print,
  printJson,
  showProgress,
  UsageError,
  wholeNumber,
  type Command,
} from './command';
import { MOST_PAIRS } from '../tasks/source';
import { percent, table } from './format';
import { bundleDir, runtimeOptions, withRuntime } from './places';

const DEFAULT_PROMPTS = '100';
const options = {
  ...runtimeOptions,
  prompts: { type: 'string', default: DEFAULT_PROMPTS },
  seed: { type: 'string', default: '1' },
  json: { type: 'boolean', default: false },
} as const;

/** How often the model is right, of the prompts of one role with names of one length. */
interface Copied {
  role: CopyRole;
  names: NameLength;
  prompts: number;
  /** Share of prompts whose first token of the name is the likeliest. */
  first: number;
  /** Share of prompts of which every token is, and the name then ends. */
  whole: number;
}

export const copying: Command = {
  summary: 'test whether the model copies unfamiliar names',
  help: `circuitscope copying [options]

Prints the share of prompts in which the model's likeliest tokens spell a name that occurs earlier in the
prompt: in \`self.x = x\`, swaps, returns, keyword arguments and loops over a variable just assigned. The
names occur in no generated training program: words of one token, and names composed of several. A whole
name is right when each of its tokens is the likeliest and the likeliest token after it ends the name.

  --prompts N        prompts for each role and name length, ${DEFAULT_PROMPTS} by default
  --seed S           seed of the prompts, 1 by default
  --bundle NAME|DIR  model, python-sparse by default
  --engine NAME      onnx, sparse or auto (default); see circuitscope trace --help
  --json             print JSON`,

  async run(args) {
    const { values, positionals } = parseOptions('copying', args, options);
    if (positionals.length > 0) throw new UsageError(`copying takes no arguments`);
    const count = wholeNumber('--prompts', values.prompts, 1, MOST_PAIRS);
    const seed = wholeNumber('--seed', values.seed, 0);
    const tokenizer = Tokenizer.load(join(bundleDir(values.bundle), 'tokenizer.json'));
    const kinds = COPY_ROLES.flatMap((role) => NAME_LENGTHS.map((names) => ({ role, names })));
    await withRuntime(values, async (runtime) => {
      const report: Copied[] = [];
      for (const [i, { role, names }] of kinds.entries()) {
        const prompts = copyPrompts(tokenizer, role, names, count, seed);
        report.push({ role, names, ...(await measure(runtime, tokenizer, prompts)) });
        showProgress('copying:', i + 1, kinds.length);
      }
      if (values.json) printJson(report);
      else print(readable(report));
    });
  },
};

async function measure(
  runtime: Runtime,
  tokenizer: Tokenizer,
  prompts: readonly CopyPrompt[],
): Promise<Pick<Copied, 'prompts' | 'first' | 'whole'>> {
  let [first, whole] = [0, 0];
  for (const prompt of prompts) {
    const right = copiedOf(await runtime.surprisal(prompt.text), prompt, tokenizer);
    if (right.first) first++;
    if (right.whole) whole++;
  }
  const { length } = prompts;
  return { prompts: length, first: first / length, whole: whole / length };
}

function readable(report: readonly Copied[]): string {
  const mean = (names: NameLength, key: 'first' | 'whole') => {
    const shares = report.filter((row) => row.names === names).map((row) => row[key]);
    return percent(shares.reduce((sum, share) => sum + share, 0) / shares.length).trim();
  };
  return table([
    ['role', 'names', 'prompts', 'first token', 'whole name'],
    ...report.map(({ role, names, prompts, first, whole }) => [
      ...[role, names, String(prompts)],
      ...[percent(first).trim(), percent(whole).trim()],
    ]),
    ...NAME_LENGTHS.map((names) => ['all', names, '', mean(names, 'first'), mean(names, 'whole')]),
  ]);
}
