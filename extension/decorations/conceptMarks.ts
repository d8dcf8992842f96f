/**
 * Frames around the tokens at which the label of the node that colors the file holds, or the concept that
 * the node was found by.
 */
import { t } from '../../shared/l10n';
import * as vscode from 'vscode';
import type { LabelPlaces, PickedConcept } from '../../models/runtime/labelPlaces';
import type { TokenRange } from '../../models/inference/textTokens';
import type { Services } from '../hover/work';
import type { Snapshot } from '../trace/documents';
import type { ActivationMap } from './activationMap';
import { agreementOf } from './agreement';
import { mark } from './marks';
import { seenRanges, type Layer } from './painter';

/** What was asked last: the label's places in one version of a document. */
interface Known {
  readonly uri: string;
  readonly version: number;
  readonly hash: string;
  readonly node: string;
  readonly picked: PickedConcept | undefined;
  readonly places: LabelPlaces | null;
}

/** A node, and the concept that it was found by. */
interface Found {
  readonly node: string;
  readonly picked: PickedConcept;
}

export class ConceptMarks implements Layer, vscode.Disposable {
  /** Hears when the frames are switched on or off. */
  onToggle: () => void = () => undefined;
  private wanted = false;
  private known: Known | null = null;
  private found: Found | null = null;
  private readonly frame = vscode.window.createTextEditorDecorationType({
    outline: '1px solid',
    outlineColor: new vscode.ThemeColor('circuitscope.concept'),
    rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
  });
  private readonly status = vscode.window.createStatusBarItem(
    'circuitscope.conceptMarks',
    vscode.StatusBarAlignment.Right,
    96,
  );

  constructor(
    private readonly services: Services,
    private readonly map: ActivationMap,
  ) {
    this.status.name = `Circuitscope: ${t('Node Beside Its Label')}`;
    this.status.command = 'circuitscope.compareConcept';
  }

  get active(): boolean {
    return this.wanted && this.map.node !== null;
  }

  /**
   * Shows the frames, or takes them away.
   * @param found frames a concept for as long as its node colors the file; by default nodes' labels
   */
  show(wanted: boolean, found: Found | null = null): void {
    this.wanted = wanted;
    this.found = found;
    this.status.hide();
    this.onToggle();
  }

  async paint(
    editor: vscode.TextEditor,
    snapshot: Snapshot,
    range: TokenRange,
    signal: AbortSignal,
  ): Promise<void> {
    const { node } = this.map;
    if (node === null) return;
    const { traces, store } = this.services;
    const places = await this.places(snapshot, node, signal);
    const scan = await traces.activations(snapshot, node, range, store.active(snapshot), signal);
    if (signal.aborted || !this.active || node !== this.map.node) return;
    if (editor.document.version !== snapshot.version) return;
    const found = places && agreementOf(scan, places);
    const frames = found?.holds.flatMap((run) => seenRanges(snapshot, run)) ?? [];
    mark(editor, this.frame, frames);
    this.status.text = found
      ? `$(symbol-misc) ${found.both} · ${found.labelOnly} · ${found.nodeOnly}`
      : `$(symbol-misc) ${t('no label')}`;
    this.status.tooltip = found
      ? t(
          'Framed: {0}. Of the visible tokens, the node detects it at {1}, misses it at {2}, and is active without it at {3}. Click to remove the frames.',
          ...[places.label, found.both, found.labelOnly, found.nodeOnly],
        )
      : t('{0} has no accepted label. Click to remove the frames.', node);
    this.status.show();
  }

  private async places(
    snapshot: Snapshot,
    node: string,
    signal: AbortSignal,
  ): Promise<LabelPlaces | null> {
    const { uri, version } = snapshot;
    const { hash } = snapshot.info;
    const { known } = this;
    const picked = this.found?.node === node ? this.found.picked : undefined;
    if (
      known?.uri === uri &&
      known.version === version &&
      known.hash === hash &&
      known.node === node &&
      known.picked === picked
    ) {
      return known.places;
    }
    const places = await this.services.traces.labelPlaces(snapshot, node, picked, signal);
    this.known = { uri, version, hash, node, picked, places };
    return places;
  }

  clear(editor: vscode.TextEditor): void {
    mark(editor, this.frame, []);
    if (!this.active) this.status.hide();
  }

  dispose(): void {
    this.frame.dispose();
    this.status.dispose();
  }
}
