/** The hover of a token. Effects that take long come in a second one, below the first. */
import * as vscode from 'vscode';
import { oneLine } from '../../models/runtime/oneLine';
import { isAbort } from '../cancel';
import type { Log } from '../model/models';
import { visible } from '../text/visible';
import type { TokenEffects } from '../trace/traces';
import { LINKED_COMMANDS, type LinkPlace } from './links';
import { effectsMarkdown, hoverMarkdown, type HoverContent } from './markdown';
import { NODES_TRIED, type HoverToken, type HoverWork } from './work';

const NODES_SHOWN = 6;
/** How long the first hover waits for effects. */
const PATIENCE_MS = 400;
/** How long the cursor's hover may take to be asked for. */
const ASKED_MS = 1000;

/** Makes the Markdown of one hover; undefined for none. */
type Part = (token: HoverToken, place: LinkPlace) => Promise<string | undefined>;

export class Hovers {
  /** Also answers while hovers are switched off, when a command asks. */
  private asked = false;

  constructor(
    private readonly work: HoverWork,
    private readonly enabled: () => boolean,
    private readonly log: Log,
  ) {}

  /** Registers both hovers; the editor shows the one registered last on top. */
  register(selector: vscode.DocumentSelector): vscode.Disposable {
    const provider = (part: Part): vscode.HoverProvider => ({
      provideHover: (document, position, cancel) => this.hover(document, position, cancel, part),
    });
    return vscode.Disposable.from(
      vscode.languages.registerHoverProvider(selector, provider(late)),
      vscode.languages.registerHoverProvider(selector, provider(first)),
    );
  }

  /** Shows the hover at the cursor, whatever the settings say. */
  async show(): Promise<void> {
    this.asked = true;
    await vscode.commands.executeCommand('editor.action.showHover');
    setTimeout(() => (this.asked = false), ASKED_MS);
  }

  private async hover(
    document: vscode.TextDocument,
    position: vscode.Position,
    cancel: vscode.CancellationToken,
    part: Part,
  ): Promise<vscode.Hover | undefined> {
    if (!this.enabled() && !this.asked) return undefined;
    const start = performance.now();
    try {
      const token = await this.work.token(document, position);
      if (!token || cancel.isCancellationRequested) return undefined;
      const { line, character } = position;
      const text = await part(token, { uri: document.uri.toString(), line, character });
      this.log.debug(`hover: ${(performance.now() - start).toFixed(1)} ms`);
      return text === undefined ? undefined : new vscode.Hover(markdown(text), rangeOf(token));
    } catch (error) {
      if (!isAbort(error)) this.log.warn(`hover: ${oneLine(error)}`);
      return undefined;
    }
  }
}

/** Everything, with the effects when they are there soon. */
async function first(token: HoverToken, place: LinkPlace): Promise<string> {
  return hoverMarkdown(contentOf(token, place, await token.soon(PATIENCE_MS)));
}

/** The effects, when the first hover had to go without. */
async function late(token: HoverToken, place: LinkPlace): Promise<string | undefined> {
  if (await token.soon(PATIENCE_MS)) return undefined;
  return effectsMarkdown(contentOf(token, place, await token.effects()));
}

function contentOf(
  token: HoverToken,
  place: LinkPlace,
  effects: TokenEffects | null,
): HoverContent {
  const { config, tokenTexts } = token.snapshot.info;
  const rows = effects?.nodes ?? token.nodes.map((node) => ({ ...node, effect: null }));
  const target = effects && visible(tokenTexts[effects.target]);
  const note =
    target === null
      ? 'The effects of the nodes are being measured and will appear below.'
      : `Effect on the log-probability of ${target} when the node is set to its mean everywhere; ` +
        `${NODES_TRIED} nodes tried.`;
  return { view: token.view, rows: rows.slice(0, NODES_SHOWN), config, place, note };
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
