/** A thin line in the margin of lines that are far from what the model knows. */
import { t } from '../../shared/l10n';
import * as vscode from 'vscode';
import type { TokenRange } from '../../models/inference/textTokens';
import type { Services } from '../hover/work';
import type { Models } from '../model/models';
import type { Snapshot } from '../trace/documents';
import { bits } from '../trace/tokenTrace';
import { mark } from './marks';
import { editorRange, type Layer } from './painter';
import { unfamiliarParts, type UnfamiliarPart } from './unfamiliar';

export class UnfamiliarText implements Layer, vscode.Disposable {
  private readonly type;
  /**
   * @param icon picture for the margin
   * @param enabled whether the setting is on
   * @param expectedLoss held-out loss (nats a token) by hash of the bundle; null when unknown
   */
  constructor(
    private readonly services: Services,
    private readonly models: Models,
    icon: vscode.Uri,
    private readonly enabled: () => boolean,
    private readonly expectedLoss: (hash: string) => number | null,
  ) {
    this.type = vscode.window.createTextEditorDecorationType({
      isWholeLine: true,
      gutterIconPath: icon,
      gutterIconSize: 'contain',
      overviewRulerColor: new vscode.ThemeColor('circuitscope.unfamiliar'),
      overviewRulerLane: vscode.OverviewRulerLane.Left,
    });
  }

  /** A model that nobody has asked for yet is not loaded for this. */
  get active(): boolean {
    return this.enabled() && this.models.state.kind === 'ready';
  }

  async paint(
    editor: vscode.TextEditor,
    snapshot: Snapshot,
    range: TokenRange,
    signal: AbortSignal,
  ): Promise<void> {
    const expected = this.expectedLoss(snapshot.info.hash);
    if (expected === null) {
      this.clear(editor);
      return;
    }
    // The text is what is strange, so interventions do not count.
    const scan = await this.services.traces.surprisal(snapshot, range, [], signal);
    if (signal.aborted || editor.document.version !== snapshot.version) return;
    const parts = unfamiliarParts(scan, expected);
    mark(
      editor,
      this.type,
      parts.map((part) => ({
        range: editorRange(snapshot, part),
        hoverMessage: message(part, expected),
      })),
    );
  }

  clear(editor: vscode.TextEditor): void {
    mark(editor, this.type, []);
  }

  dispose(): void {
    this.type.dispose();
  }
}

function message({ nats }: UnfamiliarPart, expected: number): string {
  return t(
    'Unlike the model’s training data: {0} bits per token here, {1} on the Python it was tested on. Trust its predictions less.',
    bits(nats).toFixed(1),
    bits(expected).toFixed(1),
  );
}
