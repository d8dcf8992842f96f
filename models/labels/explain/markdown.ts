/** Stories as Markdown: every node is a link to where it is told. */
import type { CircuitStory } from './circuit';
import { mentionText, rendered, type NodeMention, type Sentence } from './sentence';

/** A circuit's story as a document. */
export function circuitMarkdown(story: CircuitStory): string {
  const { name, description, bundle, pairs, summary, parts } = story;
  const told = new Set(parts.flatMap(({ nodes }) => nodes.map(({ node }) => node)));
  const text = (sentence: Sentence) => markdown(sentence, told);
  const lines = [
    `# ${words(name)}, explained`,
    '',
    ...(description === null ? [] : [words(description), '']),
    `Circuit of ${words(bundle.name)} ${bundle.hash.slice(0, 12)}. Activations are those of the whole model, nothing ablated, on ${pairs} pairs of prompts that did not choose the circuit.`,
    '',
    ...summary.flatMap((sentence) => [text(sentence).trim(), '']),
  ];
  for (const { title, sentences, nodes } of parts) {
    lines.push(`## ${title}`, '');
    for (const sentence of sentences) lines.push(text(sentence), '');
    for (const { node, sentences: own } of nodes) {
      const said = own.map((sentence) => text(sentence).trim()).join(' ');
      lines.push(`- <a id="${anchor(node)}"></a>**${words(node)}** ${said}`);
    }
    lines.push('');
  }
  return `${lines.join('\n').trimEnd()}\n`;
}

/** Sentences as one paragraph; no node is told elsewhere. */
export function paragraph(sentences: readonly Sentence[]): string {
  return sentences.map((sentence) => markdown(sentence, new Set())).join(' ');
}

function markdown(sentence: Sentence, told: ReadonlySet<string>): string {
  const node = (mention: NodeMention) => {
    const { node: name, text, label } = mention;
    if (!told.has(name)) return words(mentionText(mention));
    return `[${words(text)}](#${anchor(name)}) (${label === null ? 'no label' : words(label)})`;
  };
  return rendered(sentence, { words, code, node });
}

/** Characters that Markdown would take for marks. */
const words = (text: string): string => text.replace(/[\\`*_{}[\]<>#|]/g, '\\$&');

/** In the font of code, between more backticks than stand side by side in it. */
function code(text: string): string {
  const longest = Math.max(0, ...(text.match(/`+/g) ?? []).map(({ length }) => length));
  const fence = '`'.repeat(longest + 1);
  const padding = text.startsWith('`') || text.endsWith('`') || /^ .* $/.test(text) ? ' ' : '';
  return `${fence}${padding}${text}${padding}${fence}`;
}

const anchor = (node: string): string => node.replaceAll('.', '-');
