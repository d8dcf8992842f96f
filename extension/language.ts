/** Takes up the language of the editor, which reads its words from `l10n/` before it loads us. */
import * as vscode from 'vscode';
import { speak } from '../shared/l10n';

speak(vscode.l10n.bundle ? { name: vscode.env.language, words: vscode.l10n.bundle } : null);
