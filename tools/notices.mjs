// @ts-check
/** The licences of the libraries that a .vsix holds, gathered from the packages themselves. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ToolError } from './processes.mjs';

/** Bundles that stay out of the .vsix; see .vscodeignore. */
const NOT_SHIPPED = ['dist/cli.js', 'dist/training-worker.js'];
/** Packages that go into the .vsix as they are, or by a file that was built of them. */
const WHOLE = [
  'node_modules/onnxruntime-common',
  'node_modules/onnxruntime-node',
  'node_modules/tree-sitter-python',
];
const LICENSE_FILE = /^(licen[cs]e|copying|notice)/i;
const RULE = '-'.repeat(72);

/** Packages that say MIT in their manifest and do not hold the text: all are Microsoft's. */
const WITHOUT_TEXT = /^(onnxruntime-|@microsoft\/fast-)/;
const MICROSOFT_MIT = `MIT License

Copyright (c) Microsoft Corporation

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.`;
const NATIVE_PARTS =
  'Libraries that ONNX Runtime itself holds are listed in https://github.com/microsoft/onnxruntime/blob/main/ThirdPartyNotices.txt';

/**
 * Writes dist/THIRD-PARTY-NOTICES.txt, from what the last build bundled.
 * @param {string} root the checkout
 * @throws {ToolError} when a package has no licence text
 */
export function writeNotices(root) {
  /** @type {Record<string, string[]>} */
  const bundled = JSON.parse(readFileSync(join(root, 'dist', 'packages.json'), 'utf8'));
  const shipped = Object.entries(bundled).filter(([output]) => !NOT_SHIPPED.includes(output));
  const dirs = new Set([...shipped.flatMap(([, packages]) => packages), ...WHOLE]);
  const parts = new Set([...dirs].sort().map((dir) => notice(join(root, dir))));
  const head = `Circuitscope holds these libraries, under their own licenses. ${NATIVE_PARTS}`;
  const text = [head, ...parts].join(`\n\n${RULE}\n\n`);
  writeFileSync(join(root, 'dist', 'THIRD-PARTY-NOTICES.txt'), `${text}\n`);
}

/** @param {string} dir of a package */
function notice(dir) {
  const { name, version, license } = JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8'));
  return `${name} ${version} (${license})\n\n${licenseText(name, license, dir)}`;
}

/**
 * @param {string} name
 * @param {string} license of the manifest
 * @param {string} dir
 */
function licenseText(name, license, dir) {
  const files = readdirSync(dir).filter((file) => LICENSE_FILE.test(file));
  if (files.length > 0) {
    return files.map((file) => readFileSync(join(dir, file), 'utf8').trim()).join('\n\n');
  }
  if (license === 'MIT' && WITHOUT_TEXT.test(name)) return MICROSOFT_MIT;
  throw new ToolError(`${name} has no licence file; put its text into tools/notices.mjs`);
}
