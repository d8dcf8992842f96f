/** A prompt in an editor of its own, with what the model says after it above the text. */
import { t } from '../../shared/l10n';
import * as vscode from 'vscode';
import { oneLine } from '../../models/oneLine';
import { isAbort, Newest } from '../cancel';
import { Emitter } from '../emitter';
import type { Models } from '../model/models';
import { SourceText } from '../text/sourceText';
import { visible } from '../text/visible';
import { answerText, readPrompt, type Prompt } from './prompt';

/** Pause in typing after which the model is asked. */
const CALM_MS = 200;
const USE = '_circuitscope.usePrompt';

/** What stands above the text: that the edit will do, or what is missing. */
type Verdict = { readonly prompt: Prompt } | { readonly missing: string };

/**
 * Lets a person edit a prompt until the model says something else; undefined when they close it or
 * cancel.
 */
export async function editPrompt(models: Models, first: Prompt): Promise<Prompt | undefined> {
  const before = vscode.window.activeTextEditor;
  const document = await vscode.workspace.openTextDocument({
    language: 'python',
    content: first.text,
  });
  // Not beside: there it would cover a panel, which takes the focus when it is uncovered.
  const editor = await vscode.window.showTextDocument(document, {
    viewColumn: before?.viewColumn ?? vscode.ViewColumn.Active,
    preview: false,
  });
  const end = document.lineAt(document.lineCount - 1).range.end;
  editor.selection = new vscode.Selection(end, end);
  const location = vscode.ProgressLocation.Notification;
  const title = `Circuitscope: ${t('edit the prompt until the model predicts something else, then click “use this prompt” above it')}`;
  const chosen = await vscode.window.withProgress(
    { location, title, cancellable: true },
    (_, cancel) => whenUsed(models, first, document, cancel),
  );
  await close(document);
  // People go on where they were.
  if (before) await vscode.window.showTextDocument(before.document, before.viewColumn);
  return chosen;
}

/** Resolves when the prompt is used, or given up. */
function whenUsed(
  models: Models,
  first: Prompt,
  document: vscode.TextDocument,
  cancel: vscode.CancellationToken,
): Promise<Prompt | undefined> {
  const newest = new Newest();
  const told = new Emitter();
  let verdict: Verdict = { missing: missing(first) };
  let timer: NodeJS.Timeout | undefined;
  let ended: () => void = () => undefined;
  const look = async () => {
    const text = new SourceText(document.getText()).text;
    try {
      const prompt = await readPrompt(models, text, newest.start());
      answerText(prompt, prompt.answer);
      verdict = prompt.answer === first.answer ? { missing: missing(prompt) } : { prompt };
    } catch (error) {
      if (isAbort(error)) return;
      verdict = { missing: oneLine(error) };
    }
    told.fire();
  };
  return new Promise<Prompt | undefined>((resolve) => {
    const own = (uri: vscode.Uri) => uri.toString() === document.uri.toString();
    const parts = [
      vscode.languages.registerCodeLensProvider(
        { scheme: document.uri.scheme },
        {
          onDidChangeCodeLenses: told.on,
          provideCodeLenses: ({ uri }) => (own(uri) ? [lens(verdict)] : []),
        },
      ),
      vscode.commands.registerCommand(USE, () => {
        if ('prompt' in verdict) resolve(verdict.prompt);
      }),
      vscode.workspace.onDidChangeTextDocument((event) => {
        if (!own(event.document.uri)) return;
        clearTimeout(timer);
        timer = setTimeout(() => void look(), CALM_MS);
      }),
      vscode.window.tabGroups.onDidChangeTabs(({ closed }) => {
        const gone = closed.some(
          ({ input }) => input instanceof vscode.TabInputText && own(input.uri),
        );
        if (gone) resolve(undefined);
      }),
      cancel.onCancellationRequested(() => {
        resolve(undefined);
      }),
    ];
    void look();
    ended = () => {
      clearTimeout(timer);
      newest.cancel();
      for (const part of parts) part.dispose();
    };
  }).finally(() => {
    ended();
  });
}

function missing(prompt: Prompt): string {
  return t('The model still predicts {0}: change what decides it', said(prompt));
}

function said(prompt: Prompt): string {
  return `‘${visible(answerText(prompt, prompt.answer))}’`;
}

function lens(verdict: Verdict): vscode.CodeLens {
  const command =
    'prompt' in verdict
      ? {
          title: `$(check) ${t('The model predicts {0}: use this prompt', said(verdict.prompt))}`,
          command: USE,
        }
      : { title: `$(info) ${verdict.missing}`, command: '' };
  return new vscode.CodeLens(new vscode.Range(0, 0, 0, 0), command);
}

/** Closes the document without asking whether it is to be saved. */
async function close(document: vscode.TextDocument): Promise<void> {
  if (document.isClosed) return;
  await vscode.window.showTextDocument(document);
  await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
}
