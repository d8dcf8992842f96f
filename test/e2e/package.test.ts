import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { zipEntries } from './zip';

const ROOT = join(import.meta.dirname, '../..');
const OWN_RUNTIME = `bin/napi-v6/${process.platform}/${process.arch}/`;
const names = (): string[] => zipEntries(inject('shared').vsix).map(({ name }) => name);

/** Everything that may be inside. */
const ALLOWED = [
  /^\[Content_Types\]\.xml$/,
  /^extension\.vsixmanifest$/,
  /^extension\/(package\.json|package\.nls(\.[\w-]+)?\.json|readme\.md|changelog\.md|LICENSE\.txt)$/,
  /^extension\/l10n\/bundle\.l10n\.[\w-]+\.json$/,
  /^extension\/media\//,
  /^extension\/dist\/THIRD-PARTY-NOTICES\.txt$/,
  /^extension\/dist\/(extension\.cjs|(runtime|circuit|import)-worker\.js|sparse-helper\.js|(kernels|tree-sitter-python|web-tree-sitter)\.wasm)$/,
  /^extension\/dist\/webview\/[\w./-]+\.(js|css|ttf)$/,
  /^extension\/models\/bundles\/[\w.-]+\/[\w.-]+\.(json|md|safetensors)$/,
  /^extension\/models\/bundles\/[\w.-]+\/circuits\/\w+\.json$/,
  /^extension\/node_modules\/onnxruntime-(node|common)\/package\.json$/,
  /^extension\/node_modules\/onnxruntime-node\/dist\/\w+\.js$/,
  /^extension\/node_modules\/onnxruntime-node\/bin\/napi-v6\/\w+\/\w+\//,
  /^extension\/node_modules\/onnxruntime-common\/dist\/cjs\/([\w-]+\.js|package\.json)$/,
];

test('holds nothing but the built extension, its models and what they need', () => {
  expect(names().filter((name) => !ALLOWED.some((allowed) => allowed.test(name)))).toEqual([]);
});

test('holds what the extension cannot do without', () => {
  const { icon } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { icon: string };
  const wanted = ['package.json', 'readme.md', 'changelog.md', 'LICENSE.txt', icon];
  wanted.push('dist/extension.cjs', 'dist/runtime-worker.js', 'dist/circuit-worker.js');
  wanted.push('package.nls.json', 'package.nls.zh-cn.json', 'l10n/bundle.l10n.zh-cn.json');
  wanted.push('dist/import-worker.js');
  wanted.push('dist/kernels.wasm', 'dist/sparse-helper.js');
  // What the places of a label are found with.
  wanted.push('dist/tree-sitter-python.wasm', 'dist/web-tree-sitter.wasm');
  wanted.push('dist/THIRD-PARTY-NOTICES.txt');
  wanted.push(`node_modules/onnxruntime-node/${OWN_RUNTIME}onnxruntime_binding.node`);
  expect(names()).toEqual(expect.arrayContaining(wanted.map((name) => `extension/${name}`)));
});

test('holds the native ONNX Runtime of one platform only', () => {
  const native = names().filter((name) => name.includes('/napi-v6/'));
  expect(native.filter((name) => !name.includes(OWN_RUNTIME))).toEqual([]);
});

test('holds every file that the manifest and the walkthrough point to', () => {
  const manifest = readFileSync(join(ROOT, 'package.json'), 'utf8');
  const paths = [...manifest.matchAll(/"(?:\.\/)?((?:media|dist)\/[^"]+\.(?:png|svg|md|cjs))"/g)];
  const packed = names();
  for (const [, path] of paths) {
    expect(existsSync(join(ROOT, path)), path).toBe(true);
    expect(packed).toContain(`extension/${path}`);
  }
});

test('holds the licences of the libraries in it', () => {
  const notices = readFileSync(join(ROOT, 'dist', 'THIRD-PARTY-NOTICES.txt'), 'utf8');
  for (const name of ['@huggingface/tokenizers', 'onnxruntime-node', 'protobufjs', 'valibot']) {
    expect(notices).toMatch(new RegExp(`^${name} \\d+\\.\\d+`, 'm'));
  }
  expect(notices).toMatch(/Permission is hereby granted/);
});

test('shows people a page whose pictures load, or none', () => {
  const page = readFileSync(join(ROOT, 'EXTENSION.md'), 'utf8');
  const pictures = (markdown: string) => [...markdown.matchAll(/!\[([^\]]+)\]\(([^)]+)\)/g)];
  for (const [, , path] of pictures(page)) expect(existsSync(join(ROOT, path)), path).toBe(true);
  // Nobody knows yet where this repository will be.
  const packed = readFileSync(join(ROOT, 'dist/EXTENSION.md'), 'utf8');
  expect(packed).toContain('# Circuitscope');
  for (const [, , path] of pictures(packed)) expect(path).toMatch(/^https:/);
});

test('has at most 40 MB', () => {
  expect(statSync(inject('shared').vsix).size).toBeLessThanOrEqual(40e6);
});
