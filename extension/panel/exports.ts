/** Files that the panel gives away. */
import { t } from '../../shared/l10n';
import * as vscode from 'vscode';
import type { Format } from '../../webview/protocol';
import { foldersBy } from '../folders';
import { fileNames } from '../interventions/folder';
import { fileName } from '../../models/keptFiles';
import { setToJson } from '../interventions/json';
import { outgoing } from '../interventions/outgoing';
import type { NotesOf } from '../notes/json';
import { toast } from '../toast';
import { circuitJson } from './circuitJson';
import type { SessionParts } from './parts';
import { subjectView, type Current } from './subject';

const FILES: Record<
  Exclude<Format, 'markdown'>,
  { readonly name: string; readonly ending: string }
> = {
  svg: { name: 'SVG', ending: 'svg' },
  png: { name: 'PNG', ending: 'png' },
  html: { name: 'HTML', ending: 'html' },
  circuit: { name: 'JSON', ending: 'circuit.json' },
  interventions: { name: 'JSON', ending: 'interventions.json' },
};

/**
 * Saves an export where the person says, or copies it.
 * @param of whose notes the circuit's nodes have
 * @param content from the page; the extension writes JSON itself
 * @throws one line that says what is missing
 */
export async function saveExport(
  parts: SessionParts,
  current: Current,
  of: NotesOf,
  format: Format,
  content: string,
): Promise<void> {
  if (format === 'markdown') {
    await vscode.env.clipboard.writeText(content);
    void vscode.window.showInformationMessage(t('Copied the circuit as Markdown.'));
    return;
  }
  const { data, left = '' } = await written(parts, current, of, format, content);
  const file = await chooseFile(current, format);
  if (!file) return;
  await vscode.workspace.fs.writeFile(file, data);
  const saved = t('Saved {0}.', vscode.workspace.asRelativePath(file));
  void toast(parts, { kind: 'Information', text: saved + left });
}

/** What stands in the file, and what had to stay out of it, as a sentence. */
async function written(
  parts: SessionParts,
  current: Current,
  of: NotesOf,
  format: keyof typeof FILES,
  content: string,
): Promise<{ readonly data: Uint8Array; readonly left?: string }> {
  switch (format) {
    case 'png':
      return { data: new Uint8Array(Buffer.from(content, 'base64')) };
    case 'circuit':
      return { data: encoded(await circuitJson(current, parts.notes.of(of), parts)) };
    case 'interventions': {
      const set = await outgoing(parts);
      return { data: encoded(setToJson(set, set.model, fileNames)), left: set.left };
    }
    case 'svg':
    case 'html':
      return { data: encoded(content) };
  }
}

async function chooseFile(
  current: Current,
  format: keyof typeof FILES,
): Promise<vscode.Uri | undefined> {
  const { name, ending } = FILES[format];
  const { file, cursor } = subjectView(current);
  const base = fileName(`${file}-${cursor.line + 1}-${cursor.column + 1}`).replace(/\.json$/, '');
  const [folder] = foldersBy(current.question.snapshot.uri);
  return await vscode.window.showSaveDialog({
    title: t('Export the circuit'),
    filters: { [name]: [ending.split('.').at(-1)!] },
    ...(folder && { defaultUri: vscode.Uri.joinPath(folder.uri, `${base}.${ending}`) }),
  });
}

function encoded(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
