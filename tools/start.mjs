// @ts-check
// Builds the extension and opens a real VS Code in the browser with it, on a copy of samples/:
//   npm start                      or, on a port and a folder of your own:
//   npm start -- --port 8080 ~/project
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { installVsCode } from './install-vscode.mjs';
import { installOwn } from './installed.mjs';
import { freePort, run, runMain, ToolError } from './processes.mjs';
import { launchVsCode } from './vscode.mjs';

const ROOT = join(import.meta.dirname, '..');
const FIRST_FILE = 'inventory.py';
const USAGE = 'usage: npm start -- [--port N] [FOLDER]';

/** @param {string} line */
const log = (line) => console.log(line);

/** @typedef {{ port: number | undefined, folder: string | undefined }} Options */

/**
 * @returns {Options}
 * @throws {ToolError}
 */
function options() {
  const { values, positionals } = parsed();
  const folder = positionals[0] === undefined ? undefined : resolve(positionals[0]);
  if (positionals.length > 1) throw new ToolError(`one folder at most; ${USAGE}`);
  if (folder !== undefined && !statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new ToolError(`${folder} is no folder; ${USAGE}`);
  }
  const port = values.port === undefined ? undefined : Number(values.port);
  if (port !== undefined && !(Number.isInteger(port) && port > 0 && port < 65536)) {
    throw new ToolError(`${values.port} is no port; ${USAGE}`);
  }
  return { port, folder };
}

function parsed() {
  try {
    return parseArgs({ options: { port: { type: 'string' } }, allowPositionals: true });
  } catch (error) {
    throw new ToolError(`${error instanceof Error ? error.message : error}; ${USAGE}`);
  }
}

async function installDependencies() {
  if (existsSync(join(ROOT, 'node_modules'))) return;
  log('Installing dependencies (npm ci)…');
  await run('npm', ['ci', '--no-audit', '--no-fund'], { cwd: ROOT });
}

/**
 * Packs, installs and launches, with everything that VS Code writes inside `scratch`.
 * @param {string} scratch
 * @param {Options} options
 */
async function open(scratch, { port, folder }) {
  const installation = await installVsCode(log);
  log('Building the extension…');
  const extensionsDir = join(scratch, 'extensions');
  await installOwn(installation, scratch, extensionsDir, log);
  log('Starting VS Code…');
  return launchVsCode(installation, {
    extensionsDir,
    userDataDir: join(scratch, 'user-data'),
    folder: folder ?? copySamples(scratch),
    file: folder === undefined ? FIRST_FILE : undefined,
    port: port ?? (await freePort()),
    // Who looks at the samples has not seen anything yet.
    settings: { 'circuitscope.startWithWalkthrough': folder === undefined },
  });
}

/**
 * @param {string} scratch
 * @returns {string} a copy that may be edited freely
 */
function copySamples(scratch) {
  const copy = join(scratch, 'samples');
  mkdirSync(copy);
  cpSync(join(ROOT, 'samples'), copy, { recursive: true });
  return copy;
}

/** @returns {Promise<void>} settles at Ctrl-C, or when somebody asks the process to end */
function untilInterrupted() {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => resolve());
  });
}

async function main() {
  const start = performance.now();
  const chosen = options();
  let stopping = false;
  const interrupted = untilInterrupted().then(() => (stopping = true));
  await installDependencies();
  const scratch = mkdtempSync(join(tmpdir(), 'circuitscope-'));
  try {
    const vscode = await open(scratch, chosen);
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    log(
      `\n  ${vscode.url}\n\nReady after ${seconds} s. Open it in a browser. Ctrl-C stops VS Code and removes its copy of the samples.`,
    );
    await Promise.race([interrupted, vscode.exited]);
    await vscode.stop();
  } catch (error) {
    // Ctrl-C reaches the programs that prepare the start as well, and they fail.
    if (!stopping) throw error;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

await runMain(main);
