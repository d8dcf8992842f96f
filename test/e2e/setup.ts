/** Once before all end-to-end tests: a packed extension in VS Code's folder, a model, a browser. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { installVsCode, type Installation } from '../../tools/install-vscode.mjs';
import { ownTarget, packageExtension, packFolder } from '../../tools/package.mjs';
import { installExtensions } from '../../tools/vscode.mjs';
import { bundleIn, randomParts, vocabConfig } from '../integration/runtime/bundles';
import { findBrowser, plainly } from './browser';

/** What the tests share. */
export interface Shared {
  /** Path of the packed extension. */
  readonly vsix: string;
  /** VS Code's folder of extensions, which holds ours and the probe. */
  readonly extensionsDir: string;
  /** Folder of those that come with VS Code. */
  readonly builtinExtensionsDir: string;
  readonly installation: Installation;
  /** Path of the browser. */
  readonly browser: string;
  /** A bundle with a tiny random model of the shipped vocabulary. */
  readonly bundle: string;
  /** Where screenshots and logs of a run stay to be looked at. */
  readonly artifacts: string;
}

declare module 'vitest' {
  export interface ProvidedContext {
    readonly shared: Shared;
  }
}

/** Prepares what the tests share; the result removes it again. */
export default async function setup(project: TestProject): Promise<() => void> {
  const browser = await findBrowser();
  const installation = await plainly(() => installVsCode(console.log));
  const scratch = mkdtempSync(join(tmpdir(), 'circuitscope-e2e-'));
  const remove = (): void => rmSync(scratch, { recursive: true, force: true });
  try {
    const vsix = join(scratch, 'circuitscope.vsix');
    const extensionsDir = join(scratch, 'extensions');
    const probe = join(scratch, 'probe.vsix');
    await packageExtension(ownTarget(), vsix);
    await packFolder(join(import.meta.dirname, 'probe'), probe, ['--skip-license']);
    await installExtensions(installation, [vsix, probe], extensionsDir);
    const builtinExtensionsDir = lightExtensions(installation, join(scratch, 'builtin'));
    const bundle = bundleIn(scratch, randomParts(vocabConfig({ context: 64 })));
    const artifacts = emptyFolder(join(import.meta.dirname, 'artifacts'));
    project.provide('shared', {
      ...{ vsix, extensionsDir, builtinExtensionsDir, installation, browser, bundle, artifacts },
    });
  } catch (error) {
    remove();
    throw error;
  }
  return remove;
}

/**
 * A folder with links to the extensions that come with VS Code, but for those that run in its server only
 * (source control, debuggers, chat): the tests see nothing of them, and they cost time at every start. The
 * others are needed: the page knows them by itself and asks for them.
 */
function lightExtensions({ extensions }: Installation, dir: string): string {
  mkdirSync(dir);
  for (const name of readdirSync(extensions)) {
    const from = join(extensions, name);
    if (!runsInServerOnly(join(from, 'package.json')))
      symlinkSync(from, join(dir, name), 'junction');
  }
  return dir;
}

function runsInServerOnly(manifest: string): boolean {
  if (!existsSync(manifest)) return false;
  const { main, browser } = JSON.parse(readFileSync(manifest, 'utf8')) as Record<string, unknown>;
  return main !== undefined && browser === undefined;
}

function emptyFolder(dir: string): string {
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir);
  return dir;
}
