// @ts-check
// Builds the extension and packs it into a .vsix for one platform, or one for each:
//   node tools/package.mjs [--target linux-x64] [--out FILE]
//   node tools/package.mjs --all
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { machineOf } from './machine.mjs';
import { writeNotices } from './notices.mjs';
import { isMain, run, runMain, ToolError } from './processes.mjs';

const require = createRequire(import.meta.url);
const ROOT = join(import.meta.dirname, '..');
const MAX_MEGABYTES = 40;
/** The platforms that ONNX Runtime has programs for. */
export const TARGETS = ['linux-x64', 'linux-arm64', 'win32-x64', 'win32-arm64', 'darwin-arm64'];

/** @returns {string} the `platform-arch` that this machine needs, in the words of VS Code */
export function ownTarget() {
  return `${process.platform}-${process.arch}`;
}

/**
 * Builds and packs.
 * @param {string} target
 * @param {string} out path of the .vsix to write
 * @throws {ToolError} when there is no ONNX Runtime for the target, or the result is too large
 */
export async function packageExtension(target, out) {
  const runtime = nativeRuntime(target);
  checkMachine(join(ROOT, runtime), target);
  await run(process.execPath, ['build.mjs'], { cwd: ROOT });
  writeNotices(ROOT);
  const scratch = mkdtempSync(join(tmpdir(), 'circuitscope-package-'));
  try {
    const ignoreFile = join(scratch, 'vscodeignore');
    const everywhere = readFileSync(join(ROOT, '.vscodeignore'), 'utf8');
    writeFileSync(ignoreFile, `${everywhere}!${runtime}/**\n`);
    const flags = ['--target', target, '--ignoreFile', ignoreFile, '--no-yarn'];
    await packFolder(ROOT, out, flags);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  checkSize(out);
}

/**
 * Packs a folder that holds an extension, as it is.
 * @param {string} dir
 * @param {string} out path of the .vsix to write
 * @param {string[]} flags more flags of vsce
 * @throws {ToolError}
 */
export async function packFolder(dir, out, flags) {
  const vsce = require.resolve('@vscode/vsce/vsce');
  const links = ['--allow-missing-repository', '--no-rewrite-relative-links'];
  await run(process.execPath, [vsce, 'package', '--out', out, ...flags, ...links], { cwd: dir });
}

/**
 * The folder with the native ONNX Runtime of a target, relative to the checkout.
 * @param {string} target
 * @throws {ToolError}
 */
function nativeRuntime(target) {
  const [platform, arch] = target.split('-');
  const dir = `node_modules/onnxruntime-node/bin/napi-v6/${platform}/${arch}`;
  if (!existsSync(join(ROOT, 'node_modules'))) {
    throw new ToolError('node_modules is missing; run npm ci');
  }
  if (arch === undefined || !existsSync(join(ROOT, dir))) {
    throw new ToolError(
      `ONNX Runtime has no binaries for ${target}; choose ${TARGETS.join(', ')} with --target`,
    );
  }
  return dir;
}

/**
 * Checks that every program of a folder is for the target: what is packed here may run elsewhere only.
 * @param {string} dir
 * @param {string} target
 * @throws {ToolError}
 */
function checkMachine(dir, target) {
  for (const name of readdirSync(dir)) {
    if (!/\.(node|dll|dylib|so(\.\d+)*)$/.test(name)) continue;
    const machine = machineOf(readFileSync(join(dir, name)));
    if (machine !== target) throw new ToolError(`${name} is for ${machine}, not for ${target}`);
  }
}

/** @param {string} file */
function checkSize(file) {
  const megabytes = megabytesOf(file);
  if (megabytes <= MAX_MEGABYTES) return;
  rmSync(file);
  throw new ToolError(
    `the .vsix has ${megabytes.toFixed(1)} MB, more than ${MAX_MEGABYTES}; look for what is too large with: npx vsce ls --tree`,
  );
}

/** @param {string} file */
function megabytesOf(file) {
  return statSync(file).size / 1e6;
}

/** @returns {Promise<void>} */
async function main() {
  const { values } = parseArgs({
    options: {
      ...{ target: { type: 'string' }, out: { type: 'string' } },
      all: { type: 'boolean', default: false },
    },
  });
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  for (const target of values.all ? TARGETS : [values.target ?? ownTarget()]) {
    const own = values.all ? undefined : values.out;
    const out = resolve(own ?? join(ROOT, `circuitscope-${target}-${version}.vsix`));
    await packageExtension(target, out);
    console.log(`${relative(process.cwd(), out)} (${megabytesOf(out).toFixed(1)} MB)`);
  }
}

if (isMain(import.meta.url)) await runMain(main);
