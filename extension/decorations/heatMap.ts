/** Surprisal heat map: the more surprising a token was to the model, the stronger its color. */
import { t } from '../../shared/l10n';
import * as vscode from 'vscode';
import type { TokenRange } from '../../models/inference/textTokens';
import type { Services } from '../hover/work';
import type { Snapshot } from '../trace/documents';
import { LEVELS, lineWidth, runs, SURPRISE_BITS, surpriseLevel } from './levels';
import { mark } from './marks';
import { seenRanges, type Layer } from './painter';

export class HeatMap implements Layer, vscode.Disposable {
  active = false;
  /** Hears when the heat map is switched on or off. */
  onToggle: () => void = () => undefined;
  /** One for each level from 1 on. */
  private readonly types = Array.from({ length: LEVELS }, (_, i) =>
    vscode.window.createTextEditorDecorationType({
      backgroundColor: new vscode.ThemeColor(`circuitscope.surprise${i + 1}`),
      borderColor: new vscode.ThemeColor('circuitscope.surpriseLine'),
      borderStyle: 'solid',
      borderWidth: lineWidth(i + 1),
      rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
    }),
  );
  private readonly status = vscode.window.createStatusBarItem(
    'circuitscope.heatMap',
    vscode.StatusBarAlignment.Right,
    98,
  );

  constructor(private readonly services: Services) {
    this.status.name = `Circuitscope: ${t('Heat Map')}`;
    this.status.text = `$(flame) ${t('Surprise')}`;
    this.status.tooltip = legend();
    this.status.command = 'circuitscope.toggleHeatMap';
  }

  toggle(): void {
    this.active = !this.active;
    if (this.active) this.status.show();
    else this.status.hide();
    this.onToggle();
  }

  async paint(
    editor: vscode.TextEditor,
    snapshot: Snapshot,
    range: TokenRange,
    signal: AbortSignal,
  ): Promise<void> {
    const { traces, store } = this.services;
    const interventions = store.active(snapshot);
    const scan = await traces.surprisal(snapshot, range, interventions, signal);
    if (signal.aborted || editor.document.version !== snapshot.version) return;
    const found = runs(scan, surpriseLevel);
    this.types.forEach((type, i) => {
      const own = found.filter(({ level }) => level === i + 1);
      mark(
        editor,
        type,
        own.flatMap((run) => seenRanges(snapshot, run)),
      );
    });
  }

  clear(editor: vscode.TextEditor): void {
    for (const type of this.types) mark(editor, type, []);
  }

  dispose(): void {
    for (const type of this.types) type.dispose();
    this.status.dispose();
  }
}

/** Characters that look like the lines under the levels. */
const LINES = ['▁', '▂', '▃', '▄'];

/** What the colors mean, with samples of them. */
function legend(): vscode.MarkdownString {
  // The line is transparent but in high contrast, as it is in the text.
  const sample = (level: number) =>
    `<span style="color:var(--vscode-circuitscope-surpriseLine);background-color:var(--vscode-circuitscope-surprise${level});">${LINES[level - 1].repeat(4)}</span>`;
  const rows = SURPRISE_BITS.map((from, i) => {
    const to = SURPRISE_BITS[i + 1];
    return `| ${sample(i + 1)} | ${to ? t('{0} to {1} bits', from, to) : t('{0} bits or more', from)} |`;
  });
  const text = new vscode.MarkdownString(
    [
      t('How surprised the model was by each token; click to turn off.'),
      '',
      '| | |\n|:--|:--|',
      `| ${t('none')} | ${t('less than {0} bits', SURPRISE_BITS[0])} |`,
      ...rows,
    ].join('\n'),
  );
  text.supportHtml = true;
  return text;
}
