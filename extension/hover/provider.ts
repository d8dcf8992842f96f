/** The hover of a token: one part, with measured effects in it when it opens. */
import { t } from '../../shared/l10n';
import * as vscode from 'vscode';
import { oneLine } from '../../models/oneLine';
import { isAbort, soon } from '../cancel';
import type { NodeLabels } from '../labels/labels';
import type { Log, Models } from '../model/models';
import type { NodeMeanings } from '../nodes/meaning';
import { namesOf, type Names } from '../nodes/names';
import { isSource } from '../sources';
import { contentOf, shownNodes, type Detail } from './content';
import { LINKED_COMMANDS } from './links';
import { hoverMarkdown } from './markdown';
import type { HoverToken, HoverWork } from './work';

/** How long the cursor's hover may take to be asked for. */
const ASKED_MS = 1000;
/** How long a hover waits for a model that is loading, before it says so. */
const LOADING_MS = 1000;
/** How long a hover waits for effects, before it shows the prediction alone. */
const EFFECTS_MS = 3000;

/** What is known of nodes' labels while none are shown. */
const UNNAMED: Names = { given: new Map(), bundled: null };

const LOADING = t('The model is loading. Hover again in a moment.');

/** What hovers go by. */
interface HoverSettings {
  readonly enabled: () => boolean;
  readonly detail: () => Detail;
}

/** The parts that a hover draws on. */
interface HoverParts {
  readonly models: Models;
  readonly work: HoverWork;
  readonly labels: NodeLabels;
  readonly meanings: NodeMeanings;
  readonly log: Log;
}

export class Hovers {
  /** Also answers while hovers are switched off, when a command asks. */
  private asked = false;

  constructor(
    private readonly parts: HoverParts,
    private readonly settings: HoverSettings,
  ) {}

  register(selector: vscode.DocumentSelector): vscode.Disposable {
    return vscode.languages.registerHoverProvider(selector, {
      provideHover: (document, position, cancel) => this.hover(document, position, cancel),
    });
  }

  /**
   * Shows the hover of the token at the cursor, whatever the settings say. Who asks by a command waits
   * until its effects are measured; a hover that people rest on does not.
   */
  async show(token: HoverToken, focus: () => Promise<void>): Promise<void> {
    await this.measured(token).catch((error: unknown) => {
      if (isAbort(error)) throw error;
      this.parts.log.warn(`hover: ${oneLine(error)}`);
    });
    await focus();
    // One that is open already would only get the keyboard, and go on saying what held before.
    await this.hide();
    this.asked = true;
    await vscode.commands.executeCommand('editor.action.showHover');
    setTimeout(() => (this.asked = false), ASKED_MS);
  }

  /** Takes away what a hover says that may not hold any longer. */
  async hide(): Promise<void> {
    // Older editors have no such command.
    await vscode.commands
      .executeCommand('editor.action.hideHover')
      .then(undefined, () => undefined);
  }

  private async hover(
    document: vscode.TextDocument,
    position: vscode.Position,
    cancel: vscode.CancellationToken,
  ): Promise<vscode.Hover | undefined> {
    if (!isSource(document) || !(this.settings.enabled() || this.asked)) return undefined;
    const { models, work, log } = this.parts;
    const start = performance.now();
    try {
      const reading = work.pointed(document, position);
      const loading = models.state.kind === 'idle' || models.state.kind === 'loading';
      const token = loading ? await orLater(reading) : await reading;
      if (cancel.isCancellationRequested || token === null) return undefined;
      if (token === 'later') return new vscode.Hover(LOADING);
      const text = await this.text(token, document.uri, position);
      log.debug(`hover: ${(performance.now() - start).toFixed(1)} ms`);
      return new vscode.Hover(markdown(text), rangeOf(token));
    } catch (error) {
      if (isAbort(error)) return undefined;
      log.warn(`hover: ${oneLine(error)}`);
      // A hover that says nothing would leave people to guess why.
      return new vscode.Hover(
        new vscode.MarkdownString().appendText(`Circuitscope: ${oneLine(error)}`),
      );
    }
  }

  private async text(
    token: HoverToken,
    uri: vscode.Uri,
    { line, character }: vscode.Position,
  ): Promise<string> {
    const { log } = this.parts;
    const detail = this.settings.detail();
    // Without effects the prediction still stands.
    const measured = await soon(this.measured(token), EFFECTS_MS).catch((error: unknown) => {
      log.warn(`hover: ${oneLine(error)}`);
      return null;
    });
    const place = { uri: uri.toString(), line, character };
    const known = measured ?? { effects: null, meanings: new Map(), names: UNNAMED };
    return hoverMarkdown(contentOf(token, place, { ...known, detail }));
  }

  /** The nodes that matter, and what they are about. */
  private async measured(token: HoverToken) {
    const { meanings } = this.parts;
    const { info } = token.snapshot;
    const names = await namesOf(this.parts, info);
    const effects = await token.leading();
    const shown = shownNodes(effects, this.settings.detail());
    return { effects, names, meanings: await meanings.of(info, shown) };
  }
}

/** The result of work that waits for the model to load, or that it is not there yet. */
async function orLater(work: Promise<HoverToken | null>): Promise<HoverToken | null | 'later'> {
  let timer: NodeJS.Timeout | undefined;
  const later = new Promise<'later'>((resolve) => {
    timer = setTimeout(resolve, LOADING_MS, 'later');
  });
  try {
    return await Promise.race([work, later]);
  } finally {
    clearTimeout(timer);
    // When nobody waits any longer.
    work.catch(() => undefined);
  }
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
