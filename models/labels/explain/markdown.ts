/** Stories as Markdown: every node is a link to where it is told. */
import type { CircuitStory } from './circuit';
import {
  knownOf,
  plain,
  rendered,
  say,
  sayMany,
  type NodeMention,
  type Sentence,
} from './sentence';

/**
 * A circuit's story as a document.
 * @param reader how its words and its nodes read; in English by default
 * @param picture file of its drawing beside it, where there is one
 */
export function circuitMarkdown(
  story: CircuitStory,
  reader: Reader = ENGLISH,
  picture?: string,
): string {
  const { name, description, bundle, pairs, summary, parts } = story;
  const told = new Set(parts.flatMap(({ nodes }) => nodes.map(({ node }) => node)));
  const text = (sentence: Sentence) => markdown(plain(sentence, reader.words), told, reader);
  const of = say(
    'Circuit of {0} {1}. Activations are those of the whole model, nothing ablated, on {2} prompt pairs not used to find the circuit.',
    ...[bundle.name, bundle.hash.slice(0, 12), String(pairs)],
  );
  const lines = [
    `# ${text([say('{0}, explained', name)])}`,
    '',
    ...(description === null ? [] : [withCode(description), '']),
    text([of]),
    '',
    ...summary.flatMap((sentence) => [text(sentence).trim(), '']),
  ];
  if (picture !== undefined) lines.push(`![${words(name)}, drawn](${encodeURI(picture)})`, '');
  for (const { title, sentences, nodes } of parts) {
    lines.push(`## ${text(title)}`, '');
    for (const sentence of sentences) lines.push(text(sentence), '');
    const at = (node: string) => `<a id="${anchor(node)}"></a>`;
    for (const { node, sentences: own } of nodes.filter(({ quiet }) => quiet === null)) {
      const said = own.map((sentence) => text(sentence).trim()).join(' ');
      const given = reader.own(node);
      const called = given === null ? '' : ` (${words(given)})`;
      lines.push(`- ${at(node)}**${words(node)}**${called} ${said}`);
    }
    // One line for those of which there is little to say; each is still where its links lead.
    const quiet = nodes.flatMap(({ node, quiet: piece }) =>
      piece === null ? [] : [`${at(node)}${text([piece])}`],
    );
    if (quiet.length > 0) lines.push(`- ${text([QUIET(quiet.length)])} ${quiet.join(', ')}.`);
    lines.push('');
  }
  return `${lines.join('\n').trimEnd()}\n`;
}

/** What is said of nodes that say nothing. */
const QUIET = (count: number) =>
  sayMany(
    count,
    '{0} more is nearly the same on both sides of the pairs, and the circuit uses none of its weights:',
    '{0} more are nearly the same on both sides of the pairs, and the circuit uses none of their weights:',
  );

/** Whether a text is such a document, and shows a picture where one is named. */
export function isCircuitMarkdown(text: string, picture?: string): boolean {
  const isOurs = /^# .*, explained\n[^]* not used to find the circuit\.\n/.test(text);
  return isOurs && (picture === undefined || text.includes(`](${encodeURI(picture)})`));
}

/** Whoever reads a story: words of a clause and the name of a node in their language. */
export interface Reader {
  readonly words: (text: string) => string;
  readonly node: (node: NodeMention) => string;
  /** Stands for a label of a node whose weights name no token either. */
  readonly unlabelled: string;
  /** What a person calls a node, which stands for its label; null where nobody did. */
  readonly own: (node: string) => string | null;
}

/** As stories are written. */
export const ENGLISH: Reader = {
  words: (text) => text,
  node: ({ text }) => text,
  unlabelled: 'no label',
  own: () => null,
};

/** Sentences as one paragraph; no node is told elsewhere. */
export function paragraph(sentences: readonly Sentence[], reader = ENGLISH): string {
  return sentences.map((sentence) => markdown(sentence, new Set(), reader)).join(' ');
}

function markdown(
  sentence: Sentence,
  told: ReadonlySet<string>,
  { words: inWords, node: nameOf, unlabelled, own }: Reader,
): string {
  const node = (mention: NodeMention) => {
    const { node: name } = mention;
    const piece = own(name) ?? knownOf(mention) ?? unlabelled;
    const known = rendered(plain([piece], inWords), { words, code, node });
    const text = words(nameOf(mention));
    return told.has(name) ? `[${text}](#${anchor(name)}) (${known})` : `${text} (${known})`;
  };
  return rendered(sentence, { words, code, node });
}

/** Characters that Markdown would take for marks. */
const words = (text: string): string => text.replace(/[\\`*_{}[\]<>#|]/g, '\\$&');

/** Words in which code stands between backticks, as descriptions of tasks have it. */
function withCode(text: string): string {
  const pieces = text.split(/`([^`]+)`/);
  return pieces.map((piece, i) => (i % 2 === 0 ? words(piece) : code(piece))).join('');
}

/** In the font of code, between more backticks than stand side by side in it. */
function code(text: string): string {
  const longest = Math.max(0, ...(text.match(/`+/g) ?? []).map(({ length }) => length));
  const fence = '`'.repeat(longest + 1);
  const padding = text.startsWith('`') || text.endsWith('`') || /^ .* $/.test(text) ? ' ' : '';
  return `${fence}${padding}${text}${padding}${fence}`;
}

/** Where a node is told in its document. */
export const anchor = (node: string): string => node.replaceAll('.', '-');
