/** Keeps the decorations of visible Python editors up to date. */
import * as vscode from 'vscode';
import { oneLine } from '../../models/oneLine';
import type { TokenRange } from '../../models/inference/textTokens';
import type { Encoding } from '../../models/tokenizer/tokenizer';
import { isAbort, Newest } from '../cancel';
import type { Services } from '../hover/work';
import type { Log, Models } from '../model/models';
import type { Snapshot } from '../trace/documents';
import { around, tokenAt } from '../trace/tokens';
import { seenPieces, type Piece } from '../text/pieces';
import { isSource } from '../sources';
import type { SourceText } from '../text/sourceText';

/** Pause in typing or scrolling after which editors are painted. */
const DEBOUNCE_MS = 200;
/** Lines painted beyond those in sight. */
const MARGIN_LINES = 20;

/** Tokens painted at most: more are in sight only where a line is very long. */
const MOST_TOKENS = 6000;

/** What is under way in an editor, and what it shows. */
interface Work {
  readonly newest: Newest;
  readonly painted: Set<Layer>;
}

/** What is painted. */
export interface Layer {
  readonly active: boolean;
  /** Paints the tokens of a range, and what lies in the same windows. */
  paint(
    editor: vscode.TextEditor,
    snapshot: Snapshot,
    range: TokenRange,
    signal: AbortSignal,
  ): Promise<void>;
  clear(editor: vscode.TextEditor): void;
}

export class Painter implements vscode.Disposable {
  private readonly work = new Map<vscode.TextEditor, Work>();
  private readonly listeners: readonly { dispose(): void }[];
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly services: Services,
    models: Models,
    private readonly layers: readonly Layer[],
    private readonly log: Log,
  ) {
    const soon = () => {
      this.soon();
    };
    let ready = models.state.kind;
    this.listeners = [
      vscode.window.onDidChangeVisibleTextEditors(soon),
      vscode.window.onDidChangeTextEditorVisibleRanges(soon),
      vscode.workspace.onDidChangeTextDocument(({ document }) => {
        if (isSource(document)) soon();
      }),
      services.store.changed.on(soon),
      models.replaced.on(soon),
      models.changed.on(() => {
        if (models.state.kind !== ready) soon();
        ready = models.state.kind;
      }),
    ];
    soon();
  }

  /** Paints all visible Python editors after a pause. */
  soon(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      const visible = vscode.window.visibleTextEditors;
      for (const editor of this.work.keys()) if (!visible.includes(editor)) this.forget(editor);
      for (const editor of visible) {
        if (isSource(editor.document)) void this.paint(editor);
        else if (this.work.has(editor)) this.clear(editor);
      }
    }, DEBOUNCE_MS);
  }

  dispose(): void {
    clearTimeout(this.timer);
    for (const listener of this.listeners) listener.dispose();
    for (const editor of [...this.work.keys()]) this.forget(editor);
  }

  private async paint(editor: vscode.TextEditor): Promise<void> {
    const active = this.layers.filter((layer) => layer.active);
    const work = this.work.get(editor);
    if (!work && active.length === 0) return;
    const { newest, painted } = work ?? { newest: new Newest(), painted: new Set<Layer>() };
    this.work.set(editor, { newest, painted });
    const signal = newest.start();
    for (const layer of painted) {
      if (layer.active) continue;
      layer.clear(editor);
      painted.delete(layer);
    }
    if (active.length === 0) return;
    try {
      const snapshot = await this.services.documents.snapshot(editor.document);
      const range = tokensInSight(editor, snapshot);
      if (!range || signal.aborted) return;
      for (const layer of active) {
        painted.add(layer);
        await layer.paint(editor, snapshot, range, signal);
      }
    } catch (error) {
      if (!isAbort(error)) this.log.warn(`decorations: ${oneLine(error)}`);
    }
  }

  /** For an editor whose document is no longer Python. */
  private clear(editor: vscode.TextEditor): void {
    for (const layer of this.work.get(editor)?.painted ?? []) layer.clear(editor);
    this.forget(editor);
  }

  private forget(editor: vscode.TextEditor): void {
    this.work.get(editor)?.newest.cancel();
    this.work.delete(editor);
  }
}

/** Range of tokens in the editor. */
export function editorRange({ source, encoding }: Snapshot, tokens: TokenRange): vscode.Range {
  return rangeOf(source, piece(encoding, tokens));
}

/** The ranges of what can be seen of some tokens; see `seenPieces`. */
export function seenRanges({ source, encoding }: Snapshot, tokens: TokenRange): vscode.Range[] {
  return seenPieces(source.text, piece(encoding, tokens)).map((seen) => rangeOf(source, seen));
}

function piece({ starts, ends }: Encoding, tokens: TokenRange): Piece {
  return { start: starts[tokens.start], end: ends[tokens.end - 1] };
}

function rangeOf(source: SourceText, { start, end }: Piece): vscode.Range {
  const [from, to] = [source.placeAt(start), source.placeAt(end)];
  return new vscode.Range(from.line, from.character, to.line, to.character);
}

function tokensInSight(editor: vscode.TextEditor, snapshot: Snapshot): TokenRange | undefined {
  const [first] = editor.visibleRanges;
  const last = editor.visibleRanges.at(-1);
  if (!first || !last) return undefined;
  const { source, encoding } = snapshot;
  const line = Math.max(0, first.start.line - MARGIN_LINES);
  const start = tokenAt(encoding, source.offsetAt({ line, character: 0 }));
  const after = { line: last.end.line + MARGIN_LINES, character: 0 };
  const end = tokenAt(encoding, source.offsetAt(after));
  if (start === undefined || end === undefined) return undefined;
  const cursor = tokenAt(encoding, source.offsetAt(editor.selection.active));
  return around({ start, end: end + 1 }, cursor ?? start, MOST_TOKENS);
}
