import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anchorAt, follow, tokenOf, type Anchor } from '../../../extension/trace/anchor';
import type { Snapshot } from '../../../extension/trace/documents';
import { snapshotOf } from '../../support/snapshots';

const TEXT = 'import sys\n\ndef area(self):\n    return self.width * self.height\n';
const textOf = ({ source, encoding }: Snapshot, token: number) =>
  source.text.slice(encoding.starts[token], encoding.ends[token]);
const at = (snapshot: Snapshot, offset: number) =>
  anchorAt(
    snapshot,
    Array.from(snapshot.encoding.ends).findIndex((end) => end > offset),
  );
const edited = (anchor: Anchor, before: string, after: string) =>
  follow(anchor, before, snapshotOf(after));

describe('an anchor', () => {
  const snapshot = snapshotOf(TEXT);
  const width = at(snapshot, TEXT.indexOf('width'));

  it('is the token that it was made of', () => {
    for (let token = -1; token < snapshot.encoding.ids.length; token++) {
      expect(tokenOf(anchorAt(snapshot, token), snapshot)).toBe(token);
    }
    expect(width).toMatchObject({ text: 'width', line: 3, lost: false });
  });

  it('moves along with an edit before it, and stays with one behind it', () => {
    const longer = `# five\n${TEXT}`;
    const moved = edited(width, TEXT, longer);
    expect(textOf(snapshotOf(longer), tokenOf(moved, snapshotOf(longer))!)).toBe('width');
    expect(moved.line).toBe(4);
    const area = at(snapshot, TEXT.indexOf('area'));
    expect(edited(area, TEXT, `${TEXT}more\n`)).toBe(area);
  });

  it('is lost when the token is typed over, and found again when that is undone', () => {
    const other = TEXT.replace('self.width', 'self.depth');
    const lost = edited(width, TEXT, other);
    expect(lost.lost).toBe(true);
    expect(tokenOf(lost, snapshotOf(other))).toBeUndefined();
    const back = edited(lost, other, TEXT);
    expect(tokenOf(back, snapshot)).toBe(width.token);
  });

  it('is lost while the token is a part of a longer one', () => {
    const longer = TEXT.replace('width', 'widths');
    const lost = edited(width, TEXT, longer);
    expect(lost.lost).toBe(true);
    expect(edited(lost, longer, TEXT).lost).toBe(false);
  });

  it('is found in a file that was changed while it was closed', () => {
    const changed = `"""A shape."""\n${TEXT.replace('import sys', 'import os')}`;
    const found = follow(width, null, snapshotOf(changed));
    expect(tokenOf(found, snapshotOf(changed))).toBe(
      at(snapshotOf(changed), changed.indexOf('width')).token,
    );
  });

  it('is not taken for the same token elsewhere', () => {
    const other = 'x = width\ny = 1\n';
    expect(follow(width, null, snapshotOf(other)).lost).toBe(true);
    const same =
      TEXT.replaceAll(/[^w]width/g, '.other') + '# about nothing of this: width, alone\n';
    expect(follow(width, null, snapshotOf(same)).lost).toBe(true);
  });

  it('in another model is the token that covers the place', () => {
    const lines = snapshotOf(TEXT, { hash: 'b', split: /[^\n]*\n|[^\n]+/g });
    expect(tokenOf(follow(width, null, lines), lines)).toBe(3);
    expect(follow(width, null, lines).token).toBe(width.token);
  });

  it('of a character that several tokens make up is the same one of them', () => {
    const source = snapshotOf('a🎈b');
    const parts: Snapshot = {
      ...source,
      encoding: {
        ids: Uint16Array.of(0, 1, 2, 3, 4),
        starts: Uint32Array.of(0, 1, 3, 3, 3),
        ends: Uint32Array.of(1, 3, 3, 3, 4),
      },
    };
    for (const token of [1, 2, 3, 4]) {
      expect(tokenOf(anchorAt(parts, token), parts)).toBe(token);
      expect(tokenOf(follow(anchorAt(parts, token), null, parts), parts)).toBe(token);
    }
    expect(anchorAt(parts, 3)).toMatchObject({ text: '🎈', part: 2 });
  });

  it('after any edits is a token of the same text, or lost, and back when they are undone', () => {
    const word = fc.constantFrom('a', 'bb', ' ', '\n', '(', 'self', '.');
    const words = fc.array(word, { minLength: 1, maxLength: 30 }).map((parts) => parts.join(''));
    const edit = fc.record({
      from: fc.nat(30),
      length: fc.nat(6),
      text: fc.array(word, { maxLength: 4 }),
    });
    fc.assert(
      fc.property(words, fc.array(edit, { maxLength: 4 }), fc.nat(), (text, edits, n) => {
        const first = snapshotOf(text);
        const anchor = anchorAt(first, n % first.encoding.ids.length);
        const versions = [text];
        for (const { from, length, text: typed } of edits) {
          const last = versions.at(-1)!;
          versions.push(last.slice(0, from) + typed.join('') + last.slice(from + length));
        }
        let now = anchor;
        for (const [i, version] of versions.slice(1).entries()) {
          now = edited(now, versions[i], version);
          const snapshot = snapshotOf(version);
          const token = tokenOf(now, snapshot);
          expect(token === undefined).toBe(now.lost);
          if (token !== undefined) expect(textOf(snapshot, token)).toBe(anchor.text);
        }
      }),
      { numRuns: 300 },
    );
  });
});
