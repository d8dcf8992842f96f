/** Links to commands, and the commands that a hover may run. */

import { escapeMarkdown } from '../text/visible';

/** A place in a document, as a link carries it. */
export interface LinkPlace {
  readonly uri: string;
  readonly line: number;
  readonly character: number;
}

/** What a link tells its command. */
interface LinkArguments extends Partial<LinkPlace> {
  readonly node?: string;
  /** Asks why not what the file has, in place of why what is predicted. */
  readonly whyNot?: true;
}

/** Commands that links in hovers may run; the editor refuses all others. */
export const LINKED_COMMANDS = [
  'circuitscope.ablateNode',
  'circuitscope.highlightNode',
  'circuitscope.openCircuit',
  'circuitscope.showEffects',
  'circuitscope.steerDense',
  'circuitscope.toggleAblation',
  'circuitscope.toggleHoverDetail',
] as const;
export type LinkedCommand = (typeof LINKED_COMMANDS)[number];

/** A Markdown link to a command; `text` is Markdown already. */
export function commandLink(
  text: string,
  command: LinkedCommand,
  args: LinkArguments,
  title: string,
): string {
  // Parentheses would end the link's address.
  const query = encodeURIComponent(JSON.stringify([args])).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16)}`,
  );
  // A title ends with its quote, and may name what is anybody's.
  const plain = title.split(' ').map(escapeMarkdown).join(' ');
  return `[${text}](command:${command}?${query} "${plain}")`;
}
