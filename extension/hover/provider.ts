/** Two hovers for a token, so that the first is there at once: its prediction, then its nodes. */
import * as vscode from 'vscode';
import { isAbort } from '../cancel';
import { oneLine } from '../../models/runtime/oneLine';
import type { Log } from '../model/models';
import { LINKED_COMMANDS, type LinkPlace } from './links';
import { nodesMarkdown, predictionMarkdown, type NodeRow } from './markdown';
import { NODES_TRIED, type HoverToken, type HoverWork } from './work';

const NODES_SHOWN = 5;
/** Effects that take longer are left to the next hover. */
const PATIENCE_MS = 2500;

export class Hovers {
  /** Also answers once while hovers are switched off, when a command asks. */
  private asked = false;

  constructor(
    private readonly work: HoverWork,
    private readonly enabled: () => boolean,
    private readonly log: Log,
  ) {}

  /** The two providers; the editor shows the one registered last on top. */
  register(selector: vscode.DocumentSelector): vscode.Disposable {
    const provider = (part: (token: HoverToken, place: LinkPlace) => Promise<string> | string) => ({
      provideHover: (
        document: vscode.TextDocument,
        position: vscode.Position,
        cancel: vscode.CancellationToken,
      ) => this.hover(document, position, cancel, part),
    });
    return vscode.Disposable.from(
      vscode.languages.registerHoverProvider(selector, provider(nodesPart)),
      vscode.languages.registerHoverProvider(
        selector,
        provider(({ view }) => predictionMarkdown(view)),
      ),
    );
  }

  /** Shows the hover at the cursor, whatever the settings say. */
  async show(): Promise<void> {
    this.asked = true;
    await vscode.commands.executeCommand('editor.action.showHover');
    setTimeout(() => (this.asked = false), 1000);
  }

  private async hover(
    document: vscode.TextDocument,
    position: vscode.Position,
    cancel: vscode.CancellationToken,
    part: (token: HoverToken, place: LinkPlace) => Promise<string> | string,
  ): Promise<vscode.Hover | undefined> {
    if (!this.enabled() && !this.asked) return undefined;
    const start = performance.now();
    try {
      const token = await this.work.token(document, position);
      if (!token || cancel.isCancellationRequested) return undefined;
      const { line, character } = position;
      const text = await part(token, { uri: document.uri.toString(), line, character });
      this.log.debug(`hover: ${(performance.now() - start).toFixed(1)} ms`);
      return new vscode.Hover(markdown(text), rangeOf(token));
    } catch (error) {
      if (!isAbort(error)) this.log.warn(`hover: ${oneLine(error)}`);
      return undefined;
    }
  }
}

async function nodesPart(token: HoverToken, place: LinkPlace): Promise<string> {
  const { config } = token.snapshot.info;
  const effects = await Promise.race([token.effects(), after(PATIENCE_MS)]);
  const rows: NodeRow[] = effects
    ? [...effects.nodes]
    : token.nodes.map((node) => ({ ...node, effect: null }));
  const target = effects && token.snapshot.info.tokenTexts[effects.target];
  const note =
    target === null
      ? 'The strongest nodes; their effects are being computed, hover again to see them.'
      : `Of the ${NODES_TRIED} most active nodes, those with the largest effect on the ` +
        `log-probability of ${target} when set to their mean everywhere.`;
  return nodesMarkdown(rows.slice(0, NODES_SHOWN), config, place, note);
}

function after(milliseconds: number): Promise<null> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds, null));
}

function markdown(text: string): vscode.MarkdownString {
  const result = new vscode.MarkdownString(text);
  result.supportHtml = true;
  result.isTrusted = { enabledCommands: LINKED_COMMANDS };
  return result;
}

function rangeOf({ snapshot, view }: HoverToken): vscode.Range {
  const { source, encoding } = snapshot;
  const place = (offset: number) => {
    const { line, character } = source.placeAt(offset);
    return new vscode.Position(line, character);
  };
  return new vscode.Range(place(encoding.starts[view.token]), place(encoding.ends[view.token]));
}
