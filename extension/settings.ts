/** The extension's settings, typed. */
import * as vscode from 'vscode';

const SECTION = 'circuitscope';
const MEGABYTE = 2 ** 20;

export const settings = {
  /** Name of a shipped bundle, or a bundle's folder. */
  bundle: () => read('bundle', 'python-sparse'),
  /** Sets it where it is set now: in the workspace or for the person. */
  setBundle: (bundle: string) => {
    const section = vscode.workspace.getConfiguration(SECTION);
    const inWorkspace = section.inspect('bundle')?.workspaceValue !== undefined;
    const { Global, Workspace } = vscode.ConfigurationTarget;
    return section.update('bundle', bundle, inWorkspace ? Workspace : Global);
  },
  /** Threads that the model computes with. */
  threads: () => Math.min(16, Math.max(1, Math.round(read('threads', 2)))),
  hover: () => read('hover', true),
  unfamiliarText: () => read('unfamiliarText', true),
  cacheBytes: () => Math.max(8, read('cacheMegabytes', 64)) * MEGABYTE,
};

/** Calls a listener with what has changed. */
export function onSettings(
  listener: (
    changed: (key: 'bundle' | 'threads' | 'cacheMegabytes' | 'unfamiliarText') => boolean,
  ) => void,
): vscode.Disposable {
  return vscode.workspace.onDidChangeConfiguration((event) => {
    if (event.affectsConfiguration(SECTION)) {
      listener((key) => event.affectsConfiguration(`${SECTION}.${key}`));
    }
  });
}

function read<T>(key: string, fallback: T): T {
  return vscode.workspace.getConfiguration(SECTION).get<T>(key) ?? fallback;
}
