/** The hover of a token. Effects that take long come in a second one, below the first. */
import * as vscode from 'vscode';
import { oneLine } from '../../models/runtime/oneLine';
import { isAbort, soon } from '../cancel';
import type { Labels, NodeLabels } from '../labels/labels';
import type { Log } from '../model/models';
import { contentOf } from './content';
import { LINKED_COMMANDS, type LinkPlace } from './links';
import { effectsMarkdown, hoverMarkdown } from './markdown';
import type { HoverToken, HoverWork } from './work';

/** How long the cursor's hover may take to be asked for. */
const ASKED_MS = 1000;

/** How long a hover waits for the effects of the most active nodes. */
const SAMPLE_MS = 500;

/** Makes the Markdown of one hover; undefined for none. */
type Part = (token: HoverToken, place: LinkPlace, labels: Labels) => Promise<string | undefined>;

export class Hovers {
  /** Also answers while hovers are switched off, when a command asks. */
  private asked = false;

  constructor(
    private readonly work: HoverWork,
    private readonly labels: NodeLabels,
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
      const { info } = token.snapshot;
      await this.labels.load(info);
      const place = { uri: document.uri.toString(), line, character };
      const text = await part(token, place, this.labels.of(info));
      this.log.debug(`hover: ${(performance.now() - start).toFixed(1)} ms`);
      return text === undefined ? undefined : new vscode.Hover(markdown(text), rangeOf(token));
    } catch (error) {
      if (!isAbort(error)) this.log.warn(`hover: ${oneLine(error)}`);
      return undefined;
    }
  }
}

/** Everything that is known soon. */
async function first(token: HoverToken, place: LinkPlace, labels: Labels): Promise<string> {
  // Without effects the prediction still stands.
  await soon(token.sample(), SAMPLE_MS).catch(() => null);
  token.complete = token.known !== null;
  return hoverMarkdown(contentOf(token, place, labels));
}

/** The effects, when the first hover had to go without. */
async function late(
  token: HoverToken,
  place: LinkPlace,
  labels: Labels,
): Promise<string | undefined> {
  await token.effects();
  return token.complete ? undefined : effectsMarkdown(contentOf(token, place, labels));
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
