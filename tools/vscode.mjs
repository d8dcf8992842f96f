// @ts-check
/** Starts VS Code for the browser with an extension and a folder, and stops it again. */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL, URLSearchParams } from 'node:url';
import { collectOutput, run, stopGroup, tail, ToolError } from './processes.mjs';

/** @typedef {import('./install-vscode.mjs').Installation} Installation */

/** A first start on a busy machine takes this long at worst. */
const START_TIMEOUT_MS = 120_000;
const STOP_GRACE_MS = 5000;

/** What distracts from the file: no welcome page, no telemetry, no chat, no questions. */
const QUIET_SETTINGS = {
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'telemetry.telemetryLevel': 'off',
  'extensions.ignoreRecommendations': true,
  'chat.disableAIFeatures': true,
  'git.enabled': false,
};

/**
 * Installs extensions from their .vsix.
 * @param {Installation} installation
 * @param {string[]} files
 * @param {string} extensionsDir
 * @throws {ToolError}
 */
export async function installExtensions(installation, files, extensionsDir) {
  const each = files.flatMap((file) => ['--install-extension', file]);
  const args = [installation.entry, ...each, '--extensions-dir', extensionsDir];
  // The user data of an installation is of no use afterwards, but must not be the user's own.
  const userData = join(dirname(extensionsDir), 'install-data');
  await run(installation.node, [...args, ...ownData(userData)], { env: ownEnvironment(userData) });
}

/**
 * @typedef {object} Launch
 * @property {string} extensionsDir
 * @property {string} [builtinExtensionsDir] instead of all extensions that come with VS Code
 * @property {string} userDataDir made when it is missing
 * @property {string} folder what VS Code opens
 * @property {string | undefined} [file] of that folder, opened in an editor as well
 * @property {number} port of 127.0.0.1
 * @property {Record<string, unknown>} [settings] user settings on top of the quiet ones
 * @property {boolean} [asksForTrust] whether VS Code asks if the folder is trusted; else it is
 */

/**
 * @typedef {object} RunningVsCode
 * @property {string} url opens the folder
 * @property {() => string} output everything the server printed so far
 * @property {Promise<void>} exited settles when the server is gone
 * @property {() => Promise<void>} stop leaves no process behind
 */

/**
 * Starts VS Code and waits until it answers.
 * @param {Installation} installation
 * @param {Launch} launch
 * @returns {Promise<RunningVsCode>}
 * @throws {ToolError} when it stops or stays silent, with the end of its output
 */
export async function launchVsCode(installation, launch) {
  writeSettings(launch);
  const child = spawn(installation.node, serverArguments(installation, launch), {
    env: ownEnvironment(launch.userDataDir),
    stdio: ['ignore', 'pipe', 'pipe'],
    // A process group of its own, to be stopped as a whole.
    detached: true,
  });
  const output = collectOutput(child);
  const exited = new Promise((resolve) => {
    child.once('error', () => resolve(undefined));
    child.once('exit', () => resolve(undefined));
  });
  const address = `http://127.0.0.1:${launch.port}`;
  try {
    await untilAnswers(`${address}/healthz`, exited);
  } catch (error) {
    await stopGroup(child, STOP_GRACE_MS);
    throw new ToolError(`${messageOf(error)}; VS Code printed: ${tail(output())}`);
  }
  return {
    url: `${address}/?${addressQuery(launch)}`,
    output,
    exited,
    stop: () => stopGroup(child, STOP_GRACE_MS),
  };
}

/**
 * The part of the address that says what to open, as readable as it may be.
 * @param {Launch} launch
 */
function addressQuery({ folder, file, port }) {
  const query = new URLSearchParams({ folder });
  if (file !== undefined) {
    const uri = pathToFileURL(join(folder, file)).pathname;
    query.set('payload', JSON.stringify([['openFile', `vscode-remote://127.0.0.1:${port}${uri}`]]));
  }
  return query.toString().replaceAll('%2F', '/').replaceAll('%3A', ':');
}

/**
 * Writes each setting where VS Code looks for it: for the person, or in the file of the machine, to which those
 * of our settings belong that depend on its folders and processors.
 * @param {Launch} launch
 */
function writeSettings({ userDataDir, settings, asksForTrust = false }) {
  const trust = { 'security.workspace.trust.enabled': asksForTrust };
  const all = Object.entries({ ...QUIET_SETTINGS, ...trust, ...settings });
  const ofMachine = ownSettingsOfMachine();
  /** @type {(owner: string, entries: [string, unknown][]) => void} */
  const write = (owner, entries) => {
    mkdirSync(join(userDataDir, owner), { recursive: true });
    const text = JSON.stringify(Object.fromEntries(entries), null, 2);
    writeFileSync(join(userDataDir, owner, 'settings.json'), text);
  };
  write(
    'User',
    all.filter(([key]) => !ofMachine.has(key)),
  );
  write(
    'Machine',
    all.filter(([key]) => ofMachine.has(key)),
  );
}

/** Settings of our extension that belong to a machine. */
function ownSettingsOfMachine() {
  const manifest = readFileSync(join(import.meta.dirname, '../package.json'), 'utf8');
  /** @type {Record<string, { scope?: string }>} */
  const properties = JSON.parse(manifest).contributes.configuration.properties;
  return new Set(
    Object.keys(properties).filter((key) => properties[key].scope?.startsWith('machine')),
  );
}

/**
 * @param {Installation} installation
 * @param {Launch} launch
 */
function serverArguments(installation, launch) {
  return [
    '--import',
    pathToFileURL(join(import.meta.dirname, 'end-with-starter.mjs')).href,
    installation.entry,
    ...ownData(launch.userDataDir),
    '--extensions-dir',
    launch.extensionsDir,
    ...(launch.builtinExtensionsDir === undefined
      ? []
      : ['--builtin-extensions-dir', launch.builtinExtensionsDir]),
    '--auth',
    'none',
    '--bind-addr',
    `127.0.0.1:${launch.port}`,
    '--disable-telemetry',
    '--disable-update-check',
    ...(launch.asksForTrust ? [] : ['--disable-workspace-trust']),
    launch.folder,
  ];
}

/**
 * Keeps state and configuration out of the user's home.
 * @param {string} userDataDir
 */
function ownData(userDataDir) {
  return ['--user-data-dir', userDataDir, '--config', join(userDataDir, 'config.yaml')];
}

/**
 * The environment without what a surrounding VS Code or test runner would pass on, and with folders
 * for what the server writes whatever its arguments say (a heartbeat, a machine's name).
 * @param {string} userDataDir
 */
function ownEnvironment(userDataDir) {
  const foreign = /^(VSCODE_|CODE_SERVER_|NODE_OPTIONS$|PASSWORD$|HASHED_PASSWORD$)/;
  const kept = Object.entries(process.env).filter(([name]) => !foreign.test(name));
  const own = ['XDG_DATA_HOME', 'XDG_CONFIG_HOME', 'XDG_CACHE_HOME'];
  return Object.fromEntries([...kept, ...own.map((name) => [name, join(userDataDir, 'xdg')])]);
}

/**
 * @param {string} url
 * @param {Promise<unknown>} exited
 */
async function untilAnswers(url, exited) {
  let gone = false;
  void exited.then(() => (gone = true));
  for (const end = Date.now() + START_TIMEOUT_MS; Date.now() < end; await sleep(100)) {
    if (gone) throw new ToolError('VS Code stopped while it started');
    if (await answers(url)) return;
  }
  throw new ToolError(`VS Code did not answer within ${START_TIMEOUT_MS / 1000} s`);
}

/**
 * @param {string} url
 * @returns {Promise<boolean>}
 */
function answers(url) {
  return new Promise((resolve) => {
    const request = get(url, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.once('error', () => resolve(false));
  });
}

/** @param {unknown} error */
function messageOf(error) {
  return error instanceof Error ? error.message : String(error);
}
