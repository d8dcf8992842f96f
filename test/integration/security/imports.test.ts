/** What the built programs can reach: no network, no other program, no native code but ONNX Runtime. */
import { readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { alias } from '../../../tools/bundling.mjs';

const FORBIDDEN =
  /^(node:)?(child_process|cluster|dgram|dns|http|http2|https|inspector|module|net|repl|sqlite|tls|vm|wasi)(\/|$)/;

/** Modules outside the bundle of an entry point. */
async function externals(entry: string): Promise<string[]> {
  const { metafile } = await build({
    ...{ entryPoints: [entry], bundle: true, platform: 'node', write: false, metafile: true },
    alias,
    ...{ outdir: 'dist', format: entry.startsWith('extension') ? 'cjs' : 'esm' },
    external: ['vscode', 'onnxruntime-node'],
    logOverride: { 'empty-import-meta': 'silent' },
  });
  const imports = Object.values(metafile.outputs).flatMap((output) => output.imports);
  return [...new Set(imports.filter(({ external }) => external).map(({ path }) => path))];
}

describe.each([
  'extension/main.ts',
  'models/runtime/worker.ts',
  'models/training/worker.ts',
  'models/circuits/worker.ts',
  'models/cli/main.ts',
])('%s', (entry) => {
  it('imports nothing that reaches the network or starts a program', async () => {
    const found = await externals(entry);
    expect(found.length).toBeGreaterThan(2);
    expect(found.filter((path) => FORBIDDEN.test(path))).toEqual([]);
    const foreign = found.filter((path) => !isBuiltin(path) && path !== 'vscode');
    expect(foreign.filter((path) => path !== 'onnxruntime-node')).toEqual([]);
  });
});

/** Our own sources below a folder by path. */
function sources(folder: string): [string, string][] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const files = names.filter((name) => name.endsWith('.ts')).map((name) => join(folder, name));
  expect(files.length).toBeGreaterThan(10);
  return files.map((file) => [file, readFileSync(file, 'utf8')]);
}

describe('our own sources', () => {
  it('neither fetch nor evaluate text', () => {
    const forbidden = /\b(fetch|eval|Function|XMLHttpRequest|WebSocket|importScripts|dlopen)\(/;
    for (const [file, text] of ['extension', 'models', 'webview'].flatMap(sources)) {
      expect(forbidden.exec(text)?.[0], file).toBeUndefined();
    }
  });

  it('run commands of the editor by names that are written out, others only of our own', () => {
    for (const [file, text] of sources('extension')) {
      const calls = [...text.matchAll(/executeCommand(?:<[^>]*>)?\(\s*('|`circuitscope\.|.)/g)];
      for (const [call, first] of calls)
        expect(first, `${file}: ${call}`).toMatch(/^('|`circuitscope\.)$/);
    }
  });

  it('trust Markdown with our own commands only', () => {
    for (const [file, text] of sources('extension')) {
      for (const [, value] of text.matchAll(/isTrusted = (.*);/g)) {
        expect(value, file).toBe('{ enabledCommands: LINKED_COMMANDS }');
      }
      expect(text.includes('enableCommandUris: true'), file).toBe(false);
    }
  });
});
