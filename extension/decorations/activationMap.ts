/** Activation of one node along the file: orange where it is positive, blue where it is negative. */
import * as vscode from 'vscode';
import type { TokenRange } from '../../models/runtime/textTokens';
import { Emitter } from '../emitter';
import type { Services } from '../hover/work';
import { fitting, nodeLabel } from '../interventions/describe';
import type { Snapshot } from '../trace/documents';
import { activationLevel, LEVELS, lineWidth, runs } from './levels';
import { editorRange, type Layer } from './painter';

/** Levels that have a color: −4 to −1, 1 to 4. */
const COLORED = [...Array(LEVELS).keys()].flatMap((i) => [-(i + 1), i + 1]);

export class ActivationMap implements Layer, vscode.Disposable {
  /** Another node is chosen, or none. */
  readonly changed = new Emitter<string | null>();
  private shown: string | null = null;
  private readonly types = new Map(COLORED.map((level) => [level, decoration(level)]));
  private readonly status = vscode.window.createStatusBarItem(
    'circuitscope.activationMap',
    vscode.StatusBarAlignment.Right,
    97,
  );

  constructor(private readonly services: Services) {
    this.status.name = 'Circuitscope: Highlighted Node';
    this.status.command = 'circuitscope.highlightNode';
  }

  /** Name of the node that is shown, if one is. */
  get node(): string | null {
    return this.shown;
  }

  get active(): boolean {
    return this.shown !== null;
  }

  /** Shows a node, or none. */
  show(node: string | null): void {
    this.shown = node;
    if (node === null) this.status.hide();
    this.changed.fire(node);
  }

  async paint(
    editor: vscode.TextEditor,
    snapshot: Snapshot,
    range: TokenRange,
    signal: AbortSignal,
  ): Promise<void> {
    const node = this.shown;
    if (node === null) return;
    const { traces, store } = this.services;
    const { config } = snapshot.info;
    const interventions = fitting(store.active(snapshot.uri), config);
    const scan = await traces.activations(snapshot, node, range, interventions, signal);
    if (signal.aborted || editor.document.version !== snapshot.version) return;
    const largest = scan.values.reduce((top, value) => Math.max(top, Math.abs(value)), 1e-9);
    const found = runs(scan, (value) => activationLevel(value, largest));
    for (const [level, type] of this.types) {
      const own = found.filter((run) => run.level === level);
      editor.setDecorations(
        type,
        own.map((run) => editorRange(snapshot, run)),
      );
    }
    this.status.text = `$(symbol-color) ${nodeLabel(node, config)}`;
    this.status.tooltip =
      `Circuitscope: activation of ${node}; orange positive, blue negative, ` +
      `up to ±${largest.toFixed(2)} in sight. Click to choose another or to stop.`;
    this.status.show();
  }

  clear(editor: vscode.TextEditor): void {
    for (const type of this.types.values()) editor.setDecorations(type, []);
  }

  dispose(): void {
    for (const type of this.types.values()) type.dispose();
    this.status.dispose();
  }
}

function decoration(level: number): vscode.TextEditorDecorationType {
  const sign = level > 0 ? 'positive' : 'negative';
  return vscode.window.createTextEditorDecorationType({
    backgroundColor: new vscode.ThemeColor(`circuitscope.${sign}${Math.abs(level)}`),
    borderColor: new vscode.ThemeColor(`circuitscope.${sign}Line`),
    borderStyle: level > 0 ? 'solid' : 'dashed',
    borderWidth: lineWidth(level),
    rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
  });
}
