/** Two judges of Python syntax. */
import { spawnSync } from 'node:child_process';
import { parser } from '@lezer/python';

/** Offset of the first syntax error by Lezer's grammar, or undefined. */
export function firstError(program: string): number | undefined {
  let at: number | undefined;
  parser.parse(program).iterate({
    enter: (node) => {
      if (node.type.isError) at ??= node.from;
    },
  });
  return at;
}

const PYTHON = '/usr/bin/python3';
const SCRIPT = `
import ast, json, sys
for i, text in enumerate(json.load(sys.stdin)):
    try:
        ast.parse(text)
    except SyntaxError as error:
        print(f"program {i}: {error}")
`;

/** Whether the machine has a Python to ask. */
export const hasPython = spawnSync(PYTHON, ['--version']).status === 0;

/** What Python itself says about each program that it does not parse, a line for each. */
export function pythonErrors(programs: readonly string[]): string {
  const run = spawnSync(PYTHON, ['-W', 'error', '-c', SCRIPT], { input: JSON.stringify(programs) });
  return run.stdout.toString() + run.stderr.toString();
}
