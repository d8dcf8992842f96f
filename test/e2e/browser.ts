/** Finds a browser for the tests, or installs one. */
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium } from 'playwright-core';
import { run, ToolError } from '../../tools/processes.mjs';

const NAMES = ['chromium', 'google-chrome', 'google-chrome-stable', 'chrome', 'chromium-browser'];
const APPLICATIONS = ['/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'];
/** Each step of an installation may take this long; a test run must not wait for what never comes. */
const MINUTES = 4;
const NONE =
  'no browser was found and none could be installed; install Chromium or Chrome so that it is on the PATH, and run the tests again';

/**
 * Path of a browser: Chrome or Chromium on the PATH, else Debian's (installed when we are root),
 * else Playwright's own download.
 * @throws one line when there is none, with what to do
 */
export function findBrowser(): Promise<string> {
  return plainly(async () => installed() ?? (await fromDebian()) ?? (await fromPlaywright()));
}

/** Work whose errors are told by their line: where they were thrown and what npm printed would only hide it. */
export async function plainly<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    const plain = new Error(error.message);
    delete plain.stack;
    throw plain;
  }
}

function installed(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  const onPath = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  return [...onPath, ...APPLICATIONS].find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function fromDebian(): Promise<string | undefined> {
  if (!existsSync('/etc/debian_version') || process.getuid?.() !== 0) return undefined;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  try {
    const options = { env, minutes: MINUTES };
    await run('apt-get', ['update', '-qq'], options);
    await run('apt-get', ['install', '-y', '--no-install-recommends', 'chromium'], options);
  } catch {
    // No network or another Linux than it says; Playwright may still help.
    return undefined;
  }
  return installed();
}

async function fromPlaywright(): Promise<string> {
  const path = chromium.executablePath();
  if (existsSync(path)) return path;
  try {
    await run('npx', ['playwright-core', 'install', 'chromium'], { minutes: MINUTES });
  } catch {
    throw new ToolError(NONE);
  }
  return path;
}
