/** Finds the circuit for a file of prompt pairs: JSON lines, as `circuitscope prune --file` takes them. */
import { t } from '../../shared/l10n';
import { parse } from 'node:path';
import * as vscode from 'vscode';
import { LEAST_PAIRS } from '../../models/circuits/file/criteria';
import { findAndShow, type FindParts } from '../circuits/keep';
import { readText } from '../readText';
import type { Command } from './command';

export const findCircuitForPairs: Command = {
  id: 'circuitscope.findCircuitForPairs',
  async run(parts: FindParts) {
    const source = (await openPairs()) ?? (await chosenPairs());
    if (!source) return;
    const { uri, text } = source;
    const where = vscode.workspace.asRelativePath(uri);
    const from = uri.toString();
    await findAndShow(parts, { name: parse(uri.path).name, text, where, from }, judged(text));
  },
};

interface Source {
  readonly uri: vscode.Uri;
  readonly text: string;
}

/** The file in front, as it stands in the editor. */
async function openPairs(): Promise<Source | undefined> {
  const document = vscode.window.activeTextEditor?.document;
  if (!document || !/\.jsonl$/.test(document.uri.path)) return undefined;
  return await Promise.resolve({ uri: document.uri, text: document.getText() });
}

async function chosenPairs(): Promise<Source | undefined> {
  const [uri] =
    (await vscode.window.showOpenDialog({
      title: t('File of prompt pairs, one per line'),
      filters: { [t('Prompt pairs')]: ['jsonl', 'json', 'txt'] },
    })) ?? [];
  return uri && { uri, text: await readText(uri) };
}

/** What the pairs allow to say. */
function judged(text: string): string {
  const pairs = text.split(/[\r\n]+/).filter((line) => line.trim() !== '').length;
  if (pairs === 1) return t('With only one pair of prompts, none is left to verify it on.');
  if (pairs >= 2 * LEAST_PAIRS) return t('Half of the {0} pairs are kept to verify it on.', pairs);
  return t(
    'Half of the {0} pairs are kept to verify it on; a proof needs at least {1}.',
    pairs,
    LEAST_PAIRS,
  );
}
