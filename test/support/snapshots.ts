/** Documents in tokens without a model: runs of letters are tokens, and so is every other character. */
import { SourceText } from '../../extension/text/sourceText';
import type { Snapshot } from '../../extension/trace/documents';
import { tinyConfig } from './models';

/** A version of a document; `split` gives the texts of its tokens, which together are the whole. */
export function snapshotOf(
  text: string,
  { uri = 'file:///a.py', hash = 'a', split = /[a-z]+|[^a-z]/gsu, version = 1 } = {},
): Snapshot {
  const source = new SourceText(text);
  const pieces = source.text.match(split) ?? [];
  const ends: number[] = [];
  for (const piece of pieces) ends.push((ends.at(-1) ?? 0) + piece.length);
  const texts = [...new Set(pieces)];
  return {
    ...{ uri, version, source },
    encoding: {
      ids: Uint16Array.from(pieces, (piece) => texts.indexOf(piece)),
      starts: Uint32Array.from([0, ...ends.slice(0, -1)].slice(0, ends.length)),
      ends: Uint32Array.from(ends),
    },
    info: {
      ...{ name: `model-${hash}`, hash, config: tinyConfig(), endOfText: texts.length },
      bridgedTo: null,
      tokenTexts: [...texts, '<|endoftext|>'],
      texts: [...texts, '<|endoftext|>'],
    },
  };
}
