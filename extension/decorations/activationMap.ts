/**
 * Activation of one node along the file, orange where it is positive and blue where it is negative; or
 * how strongly a circuit is active, in orange.
 */
import { t, whole } from '../../shared/l10n';
import * as vscode from 'vscode';
import type { TokenRange } from '../../models/inference/textTokens';
import { Emitter } from '../emitter';
import type { Services } from '../hover/work';
import { nodeLabel } from '../interventions/describe';
import type { Snapshot } from '../trace/documents';
import type { Scan } from '../trace/traces';
import {
  activationLevel,
  isConstant,
  largestOf,
  LEVELS,
  lineWidth,
  runs,
  strengthLevel,
} from './levels';
import { mark } from './marks';
import { editorRange, type Layer } from './painter';
import { measuredOn, Scales, type Measured } from './scale';
import { circuitStrength, spreadsOf } from './strength';

/** Levels that have a color: −4 to −1, 1 to 4. */
const COLORED = [...Array(LEVELS).keys()].flatMap((i) => [-(i + 1), i + 1]);

/** Nodes that are shown together. */
interface ShownCircuit {
  readonly name: string;
  readonly nodes: readonly string[];
}

export class ActivationMap implements Layer, vscode.Disposable {
  /** Another node is chosen, or none. */
  readonly changed = new Emitter<string | null>();
  private shown: string | ShownCircuit | null = null;
  private scales = new Scales();
  private readonly types = new Map(COLORED.map((level) => [level, decoration(level)]));
  private readonly status = vscode.window.createStatusBarItem(
    'circuitscope.activationMap',
    vscode.StatusBarAlignment.Right,
    97,
  );

  constructor(private readonly services: Services) {
    this.status.name = `Circuitscope: ${t('Node or Circuit That Colors the File')}`;
  }

  /** Name of the node that is shown, if one is. */
  get node(): string | null {
    return typeof this.shown === 'string' ? this.shown : null;
  }

  get active(): boolean {
    return this.shown !== null;
  }

  /** Shows a node, or none. */
  show(node: string | null): void {
    this.become(node);
  }

  /** Shows a circuit in the place of a node. */
  showCircuit(circuit: ShownCircuit): void {
    this.become(circuit);
  }

  private become(shown: string | ShownCircuit | null): void {
    this.shown = shown;
    this.scales = new Scales();
    // Where no Python is in sight nothing paints, and what was shown before is not shown any longer.
    this.status.hide();
    this.changed.fire(this.node);
  }

  async paint(
    editor: vscode.TextEditor,
    snapshot: Snapshot,
    range: TokenRange,
    signal: AbortSignal,
  ): Promise<void> {
    const { shown } = this;
    if (shown === null) return;
    const scale = await this.scales.of(snapshot, () =>
      this.measure(shown, snapshot, range, signal),
    );
    const scan = await this.scan(shown, snapshot, range, signal, scale.spreads);
    if (signal.aborted || shown !== this.shown) return;
    if (editor.document.version !== snapshot.version) return;
    const largest = scale.largest(snapshot, largestOf(scan.values));
    const levelOf = typeof shown === 'string' ? activationLevel : strengthLevel;
    const constant = isConstant(scan.values);
    const found = constant ? [] : runs(scan, (value) => levelOf(value, largest));
    for (const [level, type] of this.types) {
      const own = found.filter((run) => run.level === level);
      mark(
        editor,
        type,
        own.map((run) => editorRange(snapshot, run)),
      );
    }
    this.tell(shown, constant ? null : largest, snapshot);
  }

  /** What the colors stand for, token by token. */
  private async scan(
    shown: string | ShownCircuit,
    snapshot: Snapshot,
    range: TokenRange,
    signal: AbortSignal,
    spreads: Float32Array | null,
  ): Promise<Scan> {
    const { traces, store } = this.services;
    const on = store.active(snapshot);
    const scan = await traces.nodes(snapshot, nodesOf(shown), range, on, signal);
    return spreads ? circuitStrength(scan, spreads) : scan;
  }

  /** The scale of a document, by the model without ablations, so that what these do is seen in it. */
  private async measure(
    shown: string | ShownCircuit,
    snapshot: Snapshot,
    range: TokenRange,
    signal: AbortSignal,
  ): Promise<Measured> {
    const part = measuredOn(snapshot, range);
    const { traces } = this.services;
    const scan = await traces.nodes(snapshot, nodesOf(shown), part, [], signal);
    if (typeof shown === 'string') return { largest: largestOf(scan.values), spreads: null };
    const spreads = spreadsOf(scan);
    return { largest: largestOf(circuitStrength(scan, spreads).values), spreads };
  }

  /** Says what the colors stand for; `largest` is null where all is the same, and nothing colored. */
  private tell(shown: string | ShownCircuit, largest: number | null, { info }: Snapshot): void {
    const { status } = this;
    const same = t('the same at all visible tokens, so none is colored');
    const strongest = (value: string) =>
      t('strongest from {0} up, on a scale that stays fixed as you scroll', value);
    if (typeof shown === 'string') {
      status.text = `$(symbol-color) ${nodeLabel(shown, info.config)}`;
      status.tooltip =
        `Circuitscope: ${t('activation of {0}; orange positive, blue negative, {1}.', shown, largest === null ? same : strongest(`±${largest.toFixed(2)}`))} ` +
        t('Click to choose another or to stop.');
      status.command = 'circuitscope.highlightNode';
    } else {
      status.text = `$(symbol-color) ${t('circuit {0}', shown.name)}`;
      status.tooltip =
        `Circuitscope: ${t('average distance of the {0} nodes of {1} from their means, in units of their spread; {2}.', whole(shown.nodes.length), shown.name, largest === null ? same : strongest(largest.toFixed(1)))} ` +
        t('Click to list them, to ablate the circuit or to stop.');
      status.command = 'circuitscope.circuitNodes';
    }
    status.show();
  }

  clear(editor: vscode.TextEditor): void {
    for (const type of this.types.values()) mark(editor, type, []);
  }

  dispose(): void {
    for (const type of this.types.values()) type.dispose();
    this.status.dispose();
  }
}

function nodesOf(shown: string | ShownCircuit): readonly string[] {
  return typeof shown === 'string' ? [shown] : shown.nodes;
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
