// @ts-check
// Builds the extension and packs it into a .vsix for one platform, or one for each:
//   node tools/package.mjs [--target linux-x64] [--out FILE] [--repository URL] [--images URL]
//   node tools/package.mjs --all [--repository URL] [--images URL]
// --repository (or CIRCUITSCOPE_REPOSITORY) says where the source is published: "repository", "bugs" and
// "homepage" of the packed manifest. The page that the Marketplace shows of the extension is EXTENSION.md.
// Its pictures load from a repository at GitHub or GitLab, or from where --images says that this checkout
// is served; without either the page has none, since relative links lead nowhere there.
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
import { librariesOf, machineOf } from './machine.mjs';
import { writeNotices } from './notices.mjs';
import { isMain, run, runMain, ToolError } from './processes.mjs';
import { findsPictures, repositoryFields, withFields } from './published.mjs';

const require = createRequire(import.meta.url);
const ROOT = join(import.meta.dirname, '..');
const MAX_MEGABYTES = 40;
/** What the extension's page shows. */
const PAGE = 'EXTENSION.md';
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
 * @param {{ repository?: string | null, images?: string | null }} [published] address of the repository, and
 *   that which relative links of EXTENSION.md are taken from
 * @throws {ToolError} when there is no ONNX Runtime for the target, or the result is too large
 */
export async function packageExtension(target, out, { repository = null, images = null } = {}) {
  const runtime = nativeRuntime(target);
  checkMachine(join(ROOT, runtime), target);
  await run(process.execPath, ['build.mjs'], { cwd: ROOT });
  writeNotices(ROOT);
  const scratch = mkdtempSync(join(tmpdir(), 'circuitscope-package-'));
  try {
    const ignoreFile = join(scratch, 'vscodeignore');
    const everywhere = readFileSync(join(ROOT, '.vscodeignore'), 'utf8');
    const own = programsIn(join(ROOT, runtime)).map((name) => `!${runtime}/${name}\n`);
    writeFileSync(ignoreFile, everywhere + own.join(''));
    const flags = ['--target', target, '--ignoreFile', ignoreFile, '--no-yarn'];
    await withFields(ROOT, repository === null ? null : repositoryFields(repository), () =>
      packFolder(ROOT, out, [...flags, ...pageFlags(images)]),
    );
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
  const all = ['package', '--out', out, '--allow-missing-repository', ...flags];
  if (!flags.includes('--baseImagesUrl') && !findsPictures(manifestOf(dir))) {
    all.push('--no-rewrite-relative-links');
  }
  await run(process.execPath, [vsce, ...all], { cwd: dir });
}

/** @param {string} dir */
function manifestOf(dir) {
  return JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8'));
}

/**
 * What vsce is told of the extension's page.
 * @param {string | null} images
 * @returns {string[]}
 */
function pageFlags(images) {
  if (images !== null) {
    return ['--readme-path', PAGE, '--baseImagesUrl', images, '--baseContentUrl', images];
  }
  if (findsPictures(manifestOf(ROOT))) return ['--readme-path', PAGE];
  const plain = `dist/${PAGE}`;
  writeFileSync(join(ROOT, plain), withoutPictures(readFileSync(join(ROOT, PAGE), 'utf8')));
  return ['--readme-path', plain];
}

/**
 * A page without its pictures, which would be broken.
 * @param {string} markdown
 */
export function withoutPictures(markdown) {
  return markdown.replace(/^!\[[^\]]*\]\((?!https:)[^)]*\)\n+/gm, '');
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
 * The programs of a folder that are loaded with the runtime's binding; others there are for graphics cards
 * or are there twice.
 * @param {string} dir
 * @returns {string[]}
 */
export function programsIn(dir) {
  const there = readdirSync(dir);
  const wanted = ['onnxruntime_binding.node'];
  for (const name of wanted) {
    const needed = librariesOf(readFileSync(join(dir, name)));
    wanted.push(...there.filter((other) => needed.includes(other) && !wanted.includes(other)));
  }
  return wanted;
}

/**
 * Checks that every program of a folder is for the target: what is packed here may run elsewhere only.
 * @param {string} dir
 * @param {string} target
 * @throws {ToolError}
 */
function checkMachine(dir, target) {
  for (const name of programsIn(dir)) {
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
      images: { type: 'string' },
      repository: { type: 'string' },
    },
  });
  const repository = values.repository ?? (process.env.CIRCUITSCOPE_REPOSITORY || null);
  // Refused before the work.
  const fields = repository === null ? {} : repositoryFields(repository);
  const images = values.images ?? null;
  if (images !== null && !/^https:\/\/\S+$/.test(images)) {
    throw new ToolError(`--images ${images} is no https address`);
  }
  const manifest = { ...manifestOf(ROOT), ...fields };
  if (images === null && !findsPictures(manifest)) {
    console.log(
      'The extension’s page will have no pictures: give --repository with its address at GitHub or GitLab, or --images with the https address of this folder',
    );
  }
  const { version } = manifest;
  for (const target of values.all ? TARGETS : [values.target ?? ownTarget()]) {
    const own = values.all ? undefined : values.out;
    const out = resolve(own ?? join(ROOT, `circuitscope-${target}-${version}.vsix`));
    await packageExtension(target, out, { repository, images });
    console.log(`${relative(process.cwd(), out)} (${megabytesOf(out).toFixed(1)} MB)`);
  }
}

if (isMain(import.meta.url)) await runMain(main);
