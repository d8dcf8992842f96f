/** Windows of Python text, and which concepts hold at each of their tokens. */
import { Rng } from '../random';
import { tokenFacts } from '../syntax/facts';
import type { PythonParser } from '../syntax/parser';
import type { Tokenizer } from '../tokenizer/tokenizer';
import { CONCEPTS } from './concepts';

/** Which concepts hold where; a position has a token of the text, end-of-text none. */
export interface ConceptTable {
  readonly positions: number;
  /** 1 where concept `c` holds at position `i`, [concept, pos] as `c * positions + i`. */
  readonly holds: Uint8Array;
  /** Concepts that hold at position `i`: `ids[first[i]]` to `ids[first[i + 1] - 1]`. */
  readonly first: Uint32Array;
  readonly ids: Uint16Array;
}

/** Windows of tokens, all of the model's context. */
export interface Sample {
  /** [window, pos]; every window begins with end-of-text. */
  readonly tokens: Int32Array;
  readonly windows: number;
  readonly context: number;
  readonly table: ConceptTable;
}

export interface SampleOptions {
  readonly windows: number;
  readonly context: number;
  readonly seed: number;
}

/**
 * Windows from random places of the texts, as many of each text as of any other; each is parsed whole,
 * so that a token's facts are those of its file.
 * @throws Error when no text fills a window
 */
export function sampleWindows(
  texts: readonly string[],
  tokenizer: Tokenizer,
  parser: PythonParser,
  { windows, context, seed }: SampleOptions,
): Sample {
  const rng = new Rng('label windows', seed);
  const tokens = new Int32Array(windows * context);
  const lists: (readonly number[])[] = Array.from({ length: windows * context }, () => []);
  let window = 0;
  for (let round = 0; window < windows; round++) {
    const before = window;
    for (const text of texts) {
      if (window === windows) break;
      const { ids, starts, ends } = tokenizer.encode(text);
      const room = ids.length - (context - 1);
      if (room < 0) continue;
      const start = Math.floor(rng.next() * (room + 1));
      const facts = parser.parse(text, (tree) => tokenFacts(tree, text, { starts, ends }));
      const at = window * context;
      tokens[at] = tokenizer.endOfText;
      for (let i = 1; i < context; i++) {
        tokens[at + i] = ids[start + i - 1];
        const fact = facts[start + i - 1];
        lists[at + i] = [...CONCEPTS.keys()].filter((c) => CONCEPTS[c].holds(fact));
      }
      window++;
    }
    if (window === before) {
      throw new Error(`no text has ${context - 1} tokens or more; give longer files`);
    }
  }
  return { tokens, windows, context, table: conceptTable(lists) };
}

function conceptTable(lists: readonly (readonly number[])[]): ConceptTable {
  const positions = lists.length;
  const holds = new Uint8Array(CONCEPTS.length * positions);
  const first = new Uint32Array(positions + 1);
  lists.forEach((list, i) => {
    first[i + 1] = first[i] + list.length;
    for (const c of list) holds[c * positions + i] = 1;
  });
  return { positions, holds, first, ids: Uint16Array.from(lists.flat()) };
}
