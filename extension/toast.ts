/** Messages in a corner of the window, as short as the editor shows them whole; the log has the rest. */
import { t } from '../shared/l10n';
import * as vscode from 'vscode';
import type { Log } from './model/models';

/** Characters of a message with buttons that are seen whole. */
export const LONGEST = 180;
/** Of one without buttons only a line is seen. */
const ONE_LINE = 70;
const DETAILS = t('Details…');

/** What a message is said with, and a log that people can be shown. */
export interface Said {
  readonly log: Pick<Log, 'info'> & Pick<vscode.LogOutputChannel, 'show'>;
}

interface Message {
  readonly kind: 'Information' | 'Warning' | 'Error';
  readonly text: string;
  /** What there is to know besides. */
  readonly more?: string;
  readonly actions?: readonly string[];
}

/**
 * Says something in few words; where that is not all, a button opens the log, which has it whole.
 * @returns the action that the person chose
 */
export async function toast(
  { log }: Said,
  { kind, text, more = '', actions = [] }: Message,
): Promise<string | undefined> {
  const short = shortened(text);
  const cut = short !== text || (actions.length === 0 && text.length > ONE_LINE);
  const all = [...actions, ...(cut || more !== '' ? [DETAILS] : [])];
  if (all.includes(DETAILS)) log.info([text, more].filter((part) => part !== '').join(' '));
  const answer = await vscode.window[`show${kind}Message`](short, ...all);
  if (answer === DETAILS) log.show();
  return answer;
}

/** As many whole words as are seen. */
function shortened(text: string): string {
  if (text.length <= LONGEST) return text;
  const start = Array.from(text.slice(0, LONGEST - 1));
  const words = start.join('').replace(/\s+\S*$/u, '');
  return `${words}…`;
}
