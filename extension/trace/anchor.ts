/**
 * A token that a person pointed at, found again after edits, a reload and undo, or known to be lost. What
 * is kept of it is where it stands and what stands around, since token numbers mean nothing in another
 * version of a text.
 */
import * as v from 'valibot';
import { tokensOfCharacter } from '../../models/tokenizer/characters';
import type { Snapshot } from './documents';
import { tokenAt } from './tokens';

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const START = -1;

export const AnchorSchema = v.object({
  /** Its document. */
  uri: v.string(),
  /** Hash of the model whose token it is. */
  model: v.string(),
  /** Where it begins in the text (UTF-16, lines ending with `\n`); -1 is the start of the text. */
  offset: v.pipe(v.number(), v.integer(), v.minValue(START)),
  /** What stands there. */
  text: v.string(),
  /** Which token of a character that several make up; 0 otherwise. */
  part: count,
  /** What stands before and after it. */
  before: v.string(),
  after: v.string(),
  /** Line from 0 and token index when it was last seen, to speak of it. */
  line: count,
  token: v.pipe(v.number(), v.integer(), v.minValue(START)),
  /** Whether the text no longer has it. Where it comes back, it is found again. */
  lost: v.boolean(),
});
export type Anchor = v.InferOutput<typeof AnchorSchema>;

/** Code units that are remembered on either side. */
const AROUND = 24;
/** How many of them must still stand there for a token to be the same after a jump. */
const ENOUGH = 16;

/** The anchor of a token; -1 is the start of the text. */
export function anchorAt(snapshot: Snapshot, token: number): Anchor {
  const { uri, source, encoding, info } = snapshot;
  const same = { uri, model: info.hash, token, lost: false };
  if (token < 0) {
    return { ...same, offset: START, text: '', part: 0, before: '', after: '', line: 0 };
  }
  const { starts, ends } = encoding;
  const { first } = tokensOfCharacter(encoding, token);
  const offset = starts[first];
  const text = source.text.slice(offset, ends[first]);
  return {
    ...same,
    ...{ offset, text, part: token - first, line: source.placeAt(offset).line },
    ...around(source.text, offset, text.length),
  };
}

/**
 * Where an anchor is in a version of its document.
 * @returns undefined where it is lost; in another model's tokens, the token that covers the place
 */
export function tokenOf(anchor: Anchor, snapshot: Snapshot): number | undefined {
  if (anchor.uri !== snapshot.uri || anchor.lost) return undefined;
  return anchor.offset === START ? START : tokenThere(anchor, snapshot, anchor.offset);
}

/**
 * The anchor in a newer version of its document, or in one that was opened again.
 * @param before the version it was last seen in; null when nobody knows how the text changed
 */
export function follow(anchor: Anchor, before: string | null, after: Snapshot): Anchor {
  if (anchor.uri !== after.uri || anchor.offset === START) return anchor;
  const offset = before === null ? anchor.offset : shifted(anchor, before, after.source.text);
  const certain = before !== null && !anchor.lost && offset !== null;
  const near = offset ?? anchor.offset;
  const found = certain && tokenThere(anchor, after, near) !== undefined;
  const place = found ? near : search(anchor, after, near);
  if (place === null) {
    return changed(anchor, { offset: Math.min(near, after.source.text.length), lost: true });
  }
  const token = tokenThere(anchor, after, place)!;
  const seen = {
    ...{ offset: place, line: after.source.placeAt(place).line, lost: false },
    ...around(after.source.text, place, anchor.text.length),
  };
  const own = after.info.hash === anchor.model;
  return changed(anchor, { ...seen, ...(own ? { token } : {}) });
}

/** The anchor with some fields changed; itself when all of them are so already. */
function changed(anchor: Anchor, fields: Partial<Anchor>): Anchor {
  const now = { ...anchor, ...fields };
  const same = Object.keys(fields).every((key) => {
    const field = key as keyof Anchor;
    return now[field] === anchor[field];
  });
  return same ? anchor : now;
}

function around(text: string, offset: number, length: number): Pick<Anchor, 'before' | 'after'> {
  const end = offset + length;
  return {
    before: text.slice(Math.max(0, offset - AROUND), offset),
    after: text.slice(end, end + AROUND),
  };
}

/** The anchor's token if it stands at an offset; of another model the one that covers it. */
function tokenThere(
  { text, part, model }: Anchor,
  { source, encoding, info }: Snapshot,
  offset: number,
): number | undefined {
  if (!source.text.startsWith(text, offset)) return undefined;
  const { starts, ends } = encoding;
  const token = tokenAt(encoding, offset);
  if (token === undefined || model !== info.hash) return token;
  if (starts[token] !== offset || ends[token] !== offset + text.length) return undefined;
  const own = token + part;
  return part === 0 || (own < ends.length && ends[own] === ends[token]) ? own : undefined;
}

/** Where an offset is after an edit: null when the edit replaced what stood there. */
function shifted({ offset, text }: Anchor, before: string, after: string): number | null {
  const shorter = Math.min(before.length, after.length);
  let prefix = 0;
  while (prefix < shorter && before[prefix] === after[prefix]) prefix++;
  const end = offset + text.length;
  if (end <= prefix) return offset;
  const rest = shorter - prefix;
  let suffix = 0;
  while (suffix < rest && before.at(-1 - suffix) === after.at(-1 - suffix)) suffix++;
  return offset >= before.length - suffix ? offset + after.length - before.length : null;
}

/** The place with most of what stood around the anchor, the nearest of several; null without enough. */
function search(anchor: Anchor, snapshot: Snapshot, near: number): number | null {
  const { text } = snapshot.source;
  const all = anchor.before.length + anchor.after.length;
  if (anchor.text === '') return null;
  const isThere = (place: number) => tokenThere(anchor, snapshot, place) !== undefined;
  if (likeness(anchor, text, near) === all && isThere(near)) return near;
  let best: { place: number; score: number } | null = null;
  for (
    let place = text.indexOf(anchor.text);
    place >= 0;
    place = text.indexOf(anchor.text, place + 1)
  ) {
    const score = likeness(anchor, text, place);
    if (score < Math.min(ENOUGH, all)) continue;
    const better =
      !best ||
      score > best.score ||
      (score === best.score && Math.abs(place - near) < Math.abs(best.place - near));
    if (better && isThere(place)) best = { place, score };
  }
  return best && best.place;
}

/** Code units around a place that are as they were around the anchor. */
function likeness({ before, after, text: own }: Anchor, text: string, place: number): number {
  let left = 0;
  while (left < before.length && before.at(-1 - left) === text[place - 1 - left]) left++;
  const end = place + own.length;
  let right = 0;
  while (right < after.length && after[right] === text[end + right]) right++;
  return left + right;
}
