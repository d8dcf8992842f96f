/** The likeliest next tokens in a list, before and after the ablations. */
import { ablationsText } from '../../shared/ablations';
import { percent } from '../../shared/format';
import { t } from '../../shared/l10n';
import * as vscode from 'vscode';
import { bar } from '../hover/markdown';
import { shownText } from '../trace/shownToken';
import { tokenView, type Candidate, type TokenView } from '../trace/tokenView';
import { EMPTY, targetOf, type Command, type Target, type Needs } from './command';

const CANDIDATES = 50;

export const showPrediction: Command = {
  id: 'circuitscope.showPrediction',
  async run(parts: Needs<'work' | 'traces'>, argument) {
    const view = await viewOf(parts, targetOf(argument));
    await vscode.window.showQuickPick(view.candidates.map(item), {
      title: titleOf(view),
      placeHolder: t('Search the likeliest next tokens'),
      matchOnDescription: true,
    });
  },
};

async function viewOf(
  { work, traces }: Needs<'work' | 'traces'>,
  { document, position }: Target,
): Promise<TokenView> {
  const at = await work.at(document, position);
  if (!at) throw new Error(EMPTY);
  return await tokenView(traces, at, CANDIDATES);
}

function titleOf(view: TokenView): string {
  const { inForce } = view;
  const after = shownText(view);
  if (inForce.ablations === 0) return t('After {0}: what comes next', after);
  return t('After {0}: before → with {1}', after, ablationsText(inForce));
}

function item(candidate: Candidate): vscode.QuickPickItem {
  const { share, before, observed } = candidate;
  const numbers = before === null ? percent(share) : `${percent(before)} → ${percent(share)}`;
  const note = observed ? `  ${t('the token in the file')}` : '';
  return { label: shownText(candidate), description: `${bar(share)} ${numbers}${note}` };
}
