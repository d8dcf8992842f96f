/** Quick picks for what is done to a node, and where. */
import { t } from '../../shared/l10n';
import * as vscode from 'vscode';
import type { Ablation, Intervention } from '../../models/inference/interventions';
import { shownText } from '../trace/shownToken';
import type { TokenView } from '../trace/tokenView';

const KINDS = [
  { label: t('Mean'), description: t('its mean over the training data'), becomes: 'mean' },
  { label: t('Zero'), description: t('switched off entirely'), becomes: 'zero' },
  { label: t('Value…'), description: t('a number you enter'), becomes: 'value' },
  {
    label: t('Scale…'),
    description: t('its activation times a number you enter'),
    becomes: 'scale',
  },
] as const;

/** What an ablation does to a node; undefined when the person backs out. */
export async function pickKind(title: string): Promise<Ablation | undefined> {
  const item = await vscode.window.showQuickPick(KINDS, {
    title,
    placeHolder: t('What should the activation become?'),
    matchOnDescription: true,
  });
  switch (item?.becomes) {
    case undefined:
      return undefined;
    case 'mean':
    case 'zero':
      return { kind: item.becomes };
    case 'value': {
      const value = await askNumber(title, t('Activation, e.g. -1.5'));
      return value === undefined ? undefined : { kind: 'value', value };
    }
    case 'scale': {
      const scale = await askNumber(title, t('Factor, e.g. 2 or -0.5'));
      return scale === undefined ? undefined : { kind: 'scale', scale };
    }
  }
}

/** Where an intervention acts; undefined when the person backs out. */
export async function pickPositions(
  title: string,
  view: TokenView,
): Promise<Intervention['positions'] | undefined> {
  const { token } = view;
  const shown = shownText(view);
  const item = await vscode.window.showQuickPick(
    [
      { label: t('Only at this token'), description: shown, positions: { at: token } },
      {
        label: t('Everywhere'),
        description: t('at every token of every file'),
        positions: 'all',
      },
      {
        label: t('From here on'),
        description: t('from {0} on', shown),
        positions: { from: token },
      },
    ] as const,
    { title, placeHolder: t('At which tokens?') },
  );
  return item?.positions;
}

/** A number from an input box. */
export async function askNumber(
  title: string,
  prompt: string,
  value = '',
): Promise<number | undefined> {
  const text = await vscode.window.showInputBox({
    ...{ title, prompt, value },
    validateInput: (text) => (isNumber(text) ? undefined : t('Type a number, e.g. 1.5')),
  });
  return text === undefined ? undefined : Number(text);
}

function isNumber(text: string): boolean {
  return text.trim() !== '' && Number.isFinite(Number(text));
}
