/** The extension's settings, typed. */
import * as vscode from 'vscode';
import { ENGINE_CHOICES } from '../models/engines/engineChoice';
import type { Detail } from './hover/content';

const SECTION = 'circuitscope';
const MEGABYTE = 2 ** 20;

export const settings = {
  /** Name of a shipped bundle, or a bundle's folder. */
  bundle: () => read('bundle', 'python-sparse'),
  setBundle: (bundle: string) => set('bundle', bundle),
  /** Threads that the model computes with. */
  threads: () => Math.min(16, Math.max(1, Math.round(read('threads', 2)))),
  /** What the model runs on. */
  engine: () => engineOf(read('engine', 'auto')),
  hover: () => read('hover', true),
  setHover: (on: boolean) => set('hover', on),
  hoverDetail: () => detailOf(read('hoverDetail', 'compact')),
  setHoverDetail: (detail: Detail) => set('hoverDetail', detail),
  startWithWalkthrough: () => read('startWithWalkthrough', false),
  unfamiliarText: () => read('unfamiliarText', true),
  cacheBytes: () => Math.max(8, read('cacheMegabytes', 64)) * MEGABYTE,
};

/** Calls a listener with what has changed. */
export function onSettings(
  listener: (
    changed: (
      key: 'bundle' | 'threads' | 'engine' | 'cacheMegabytes' | 'unfamiliarText',
    ) => boolean,
  ) => void,
): vscode.Disposable {
  return vscode.workspace.onDidChangeConfiguration((event) => {
    if (event.affectsConfiguration(SECTION)) {
      listener((key) => event.affectsConfiguration(`${SECTION}.${key}`));
    }
  });
}

/** People may write anything. */
function engineOf(text: string) {
  return ENGINE_CHOICES.find((name) => name === text) ?? 'auto';
}

function detailOf(text: string): Detail {
  return text === 'full' ? 'full' : 'compact';
}

/** Sets a setting where it is set now: in the workspace or for the person. */
function set(key: string, value: unknown): Thenable<void> {
  const section = vscode.workspace.getConfiguration(SECTION);
  const inWorkspace = section.inspect(key)?.workspaceValue !== undefined;
  const { Global, Workspace } = vscode.ConfigurationTarget;
  return section.update(key, value, inWorkspace ? Workspace : Global);
}

function read<T>(key: string, fallback: T): T {
  return vscode.workspace.getConfiguration(SECTION).get<T>(key) ?? fallback;
}
