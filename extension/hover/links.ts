/** Links to commands, and the commands that a hover may run. */

/** A place in a document, as a link carries it. */
export interface LinkPlace {
  readonly uri: string;
  readonly line: number;
  readonly character: number;
}

/** Commands that links in hovers may run; the editor refuses all others. */
export const LINKED_COMMANDS = [
  'circuitscope.ablateNode',
  'circuitscope.highlightNode',
  'circuitscope.openCircuit',
  'circuitscope.showEffects',
  'circuitscope.toggleAblation',
] as const;
export type LinkedCommand = (typeof LINKED_COMMANDS)[number];

/** A Markdown link to a command; `text` is Markdown already. */
export function commandLink(
  text: string,
  command: LinkedCommand,
  args: Partial<LinkPlace> & { readonly node?: string },
  title: string,
): string {
  // Parentheses would end the link's address.
  const query = encodeURIComponent(JSON.stringify([args])).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16)}`,
  );
  return `[${text}](command:${command}?${query} "${title}")`;
}
