#!/usr/bin/env node
/** Entry of the command line: finds the command, runs it, and turns every error into one line. */
import { version } from '../../package.json';
import { UnsolvedError } from '../circuits/search/outcome';
import { oneLine } from '../oneLine';
import { UsageError, print, type Command } from './command';
import { bundle } from './bundleInfo';
import { concepts } from './conceptsCommand';
import { copying } from './copying';
import { explain } from './explainCommand';
import { importCommand } from './importCommand';
import { kurtosis } from './kurtosis';
import { label } from './labelCommand';
import { loss } from './loss';
import { OutputError, say } from './output';
import { prune } from './pruneCommand';
import { shrink } from './shrinkCommand';
import { codeOfSignal } from './signals';
import { steer } from './steerCommand';
import { stress } from './stressCommand';
import { task, tasks } from './tasksCommand';
import { tokenizer } from './tokenizerCommand';
import { trace } from './trace';
import { train } from './trainCommand';
import { uniqueCommand } from './uniqueCommand';
import { verify } from './verifyCommand';

const commands: Readonly<Record<string, Command>> = {
  ...{
    trace,
    loss,
    copying,
    kurtosis,
    tasks,
    task,
    prune,
    verify,
    shrink,
    unique: uniqueCommand,
    bundle,
    label,
    explain,
    concepts,
    stress,
    steer,
    train,
    tokenizer,
  },
  import: importCommand,
};

function help(): string {
  const width = Math.max(...Object.keys(commands).map((name) => name.length));
  const lines = Object.entries(commands).map(
    ([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`,
  );
  return [
    'circuitscope COMMAND [options]',
    '',
    'Shows which nodes of a weight-sparse transformer predict the next token of Python code.',
    '',
    ...lines,
    '',
    'See circuitscope COMMAND --help for the options of a command.',
  ].join('\n');
}

async function run([name, ...args]: readonly string[]): Promise<void> {
  if (name === '--help' || name === '-h' || name === 'help') {
    print(args.length === 0 ? help() : commandNamed(args[0]).help);
    return;
  }
  if (name === '--version' || name === '-v') {
    print(version);
    return;
  }
  if (name === undefined) throw new UsageError('no command; see circuitscope --help');
  const command = commandNamed(name);
  if (args.includes('--help') || args.includes('-h')) print(command.help);
  else await command.run(args);
}

function commandNamed(name: string): Command {
  if (Object.hasOwn(commands, name)) return commands[name];
  const known = Object.keys(commands).join(', ');
  throw new UsageError(`unknown command '${name}'; the commands are ${known}`);
}

// A closed standard error cannot be reported anywhere.
process.stderr.on('error', () => undefined);
try {
  await run(process.argv.slice(2));
  process.exitCode = codeOfSignal();
} catch (error) {
  // Whoever reads the output may stop early.
  const unread = error instanceof OutputError && error.code === 'EPIPE';
  if (!unread) say(`circuitscope: ${oneLine(error)}`);
  process.exitCode = codeOfSignal() ?? codeOf(error);
}

/** Programs tell by it what went wrong: see `prune --help`. */
function codeOf(error: unknown): number {
  if (error instanceof UsageError) return 2;
  return error instanceof UnsolvedError ? 3 : 1;
}
