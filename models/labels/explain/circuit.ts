/** A task's circuit told layer by layer: sentences that say what was measured, and nothing else. */
import { FINAL_SITE } from '../../transformer/config';
import { parseNode } from '../../transformer/nodes';
import { pushes } from './answers';
import { drawCircuit, type CircuitDrawing } from './drawing';
import { Reader, type NodeStory } from './nodeStory';
import { plain, say, type Sentence } from './sentence';
import type { ToldCircuit } from './told';
import { answersText, labelled, size, verdict } from './whole';
import { wiringOf } from './wiring';

/** A part of a layer. */
export interface StoryPart {
  readonly title: Sentence;
  readonly sentences: readonly Sentence[];
  readonly nodes: readonly NodeStory[];
}

export interface CircuitStory {
  readonly name: string;
  readonly description: string | null;
  readonly bundle: { readonly name: string; readonly hash: string };
  readonly pairs: number;
  /** What is said of the whole. */
  readonly summary: readonly Sentence[];
  readonly parts: readonly StoryPart[];
  /** What of it says most to the answers. */
  readonly drawing: CircuitDrawing;
  /** The two answers where they are the same for all pairs: `\`]]\` or \`]\``. */
  readonly answers: string;
}

/** Tells a circuit. */
export function tellCircuit(told: ToldCircuit): CircuitStory {
  const { name, description, circuit, model, pairs } = told;
  const { config } = model;
  const wiring = wiringOf(model, circuit);
  const nodes = circuit.core.map((node) => parseNode(node, config));
  const reader = new Reader(told, wiring);
  const said = pushes(model, nodes, pairs);
  const parts: StoryPart[] = [];
  for (let layer = 0; layer < config.layers; layer++) {
    for (const side of ['attn', 'mlp'] as const) {
      const own = nodes.filter((one) => one.layer === layer && one.site.startsWith(side));
      if (own.length === 0) continue;
      const sentences = side === 'attn' ? reader.heads(layer, own) : [];
      parts.push({
        title: [side === 'attn' ? say('Layer {0}, attention', `${layer}`) : say('Layer {0}, MLP', `${layer}`)], // prettier-ignore
        sentences,
        nodes: own.map((node) => reader.node(node)),
      });
    }
  }
  const final = nodes.filter(({ site }) => site === FINAL_SITE);
  if (final.length > 0) {
    const told = final.map((node) => reader.node(node));
    parts.push({ title: [say('Final residual stream')], sentences: [], nodes: told });
  }
  return {
    ...{ name, description, bundle: circuit.bundle, pairs: pairs.length, parts },
    summary: [size(circuit, wiring), labelled(told), verdict(circuit), reader.answers(said)].filter((sentence) => sentence.length > 0), // prettier-ignore
    drawing: drawCircuit(said, wiring, (node) => reader.drawn(node)),
    answers: answersText(told),
  };
}

/** A story as it is printed as JSON: in English, sentences as words, tokens' texts and nodes. */
export function storyJson({ summary, parts, ...about }: CircuitStory) {
  const all = (sentences: readonly Sentence[]) => sentences.map((sentence) => plain(sentence));
  return {
    ...about,
    summary: all(summary),
    parts: parts.map(({ title, sentences, nodes }) => ({
      title: plain(title).join(''),
      sentences: all(sentences),
      nodes: nodes.map(({ node, sentences: own }) => ({ node, sentences: all(own) })),
    })),
  };
}
