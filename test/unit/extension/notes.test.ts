import { describe, expect, it } from 'vitest';
import { notesToJson, type NotesOf } from '../../../extension/notes/json';
import {
  grouped,
  marked,
  NO_NOTES,
  rearranged,
  ungrouped,
  type Notes,
} from '../../../extension/notes/notes';
import { NodeNotes } from '../../../extension/notes/store';
import { SourceText } from '../../../extension/text/sourceText';
import { anchorAt } from '../../../extension/trace/anchor';
import type { Snapshot } from '../../../extension/trace/documents';
import { keptIn, memoryFolder } from '../../support/folders';

const info = { name: 'tiny', hash: '0123456789abcdef0' };

/** A document whose tokens are its characters. */
function snapshot(text: string, version = 1): Snapshot {
  const encoding = {
    ids: Uint16Array.from(text, () => 1),
    starts: Uint32Array.from(text, (_, i) => i),
    ends: Uint32Array.from(text, (_, i) => i + 1),
  };
  return {
    ...{ uri: 'file:///src/a.py', version, source: new SourceText(text), encoding },
    info: info as unknown as Snapshot['info'],
  };
}

const TEXT = 'def a(b):\n    return b\n';
const document = snapshot(TEXT);
const at = (node: string, token: number) => ({ node, at: anchorAt(document, token) });

function store(files = new Map<string, string>()) {
  const lost: string[] = [];
  const { folder } = memoryFolder(files);
  return { ...keptIn(folder, (message) => lost.push(message)), files, lost };
}
const fail = (message: string) => {
  throw new Error(message);
};
const names = ({ nodes }: Notes) => nodes.map(({ node, group }) => `${node} ${group}`);

describe('notes', () => {
  const two = grouped(NO_NOTES, [at('0.attn.q.1', 3), at('0.attn.q.2', 3)], ' after  def ');

  it('put nodes into a group of one name, drawn as one', () => {
    expect(two.groups).toEqual([{ name: 'after def', collapsed: true, note: '' }]);
    expect(names(two)).toEqual(['0.attn.q.1 after def', '0.attn.q.2 after def']);
    const more = grouped(two, [at('0.attn.q.3', 5)], 'after def');
    expect(more.groups).toEqual(two.groups);
    expect(more.nodes).toHaveLength(3);
  });

  it('tell one node at two tokens apart', () => {
    const both = grouped(two, [at('0.attn.q.1', 5)], 'other');
    expect(names(both)).toContain('0.attn.q.1 after def');
    expect(names(both)).toContain('0.attn.q.1 other');
  });

  it('forget a node of which nothing is said, and a group without nodes', () => {
    const out = grouped(two, [at('0.attn.q.1', 3)], '');
    expect(names(out)).toEqual(['0.attn.q.2 after def']);
    expect(grouped(out, [at('0.attn.q.2', 3)], '')).toEqual(NO_NOTES);
    const pinned = marked(two, [at('0.attn.q.1', 3)], { pinned: true, note: 'it\nreads' });
    expect(ungrouped(pinned, 'after def')).toMatchObject({
      groups: [],
      nodes: [{ node: '0.attn.q.1', group: '', pinned: true, note: 'it reads' }],
    });
  });

  it('call a group something else, join it with another, and refuse one that is not there', () => {
    const other = grouped(two, [at('0.attn.q.3', 3)], 'other');
    const noted = rearranged(other, 'other', { note: 'why', collapsed: false });
    expect(noted.groups[1]).toEqual({ name: 'other', collapsed: false, note: 'why' });
    const joined = rearranged(noted, 'other', { name: 'after def' });
    expect(joined.groups.map(({ name }) => name)).toEqual(['after def']);
    expect(joined.nodes.every(({ group }) => group === 'after def')).toBe(true);
    expect(() => rearranged(two, 'none', {})).toThrow('there is no group "none"');
  });
});

describe('the file of notes', () => {
  const of = store().notes.ofDocument(document);

  it('has an entry a line, in an order that does not depend on when it was made', () => {
    const ways = [
      [at('0.attn.q.10', 3), at('0.attn.q.9', 3), at('0.attn.q.9', 1)],
      [at('0.attn.q.9', 1), at('0.attn.q.10', 3), at('0.attn.q.9', 3)],
    ].map((places) => {
      const one = grouped(NO_NOTES, places.slice(0, 1), 'b');
      return notesToJson(grouped(grouped(one, places, 'b'), [at('1.attn.q.0', 4)], 'a'), of);
    });
    expect(ways[0]).toBe(ways[1]);
    expect(ways[0]).toMatchInlineSnapshot(`
      "{
        "format": "circuitscope/notes",
        "bundle": {"name":"tiny","hash":"0123456789abcdef0"},
        "file": "src/a.py",
        "groups": [
          {"name":"a","collapsed":true},
          {"name":"b","collapsed":true}
        ],
        "tokens": [
          {"token":1,"line":1,"offset":1,"text":"e","before":"d","after":"f a(b):\\n    return b\\n","part":0},
          {"token":3,"line":1,"offset":3,"text":" ","before":"def","after":"a(b):\\n    return b\\n","part":0},
          {"token":4,"line":1,"offset":4,"text":"a","before":"def ","after":"(b):\\n    return b\\n","part":0}
        ],
        "nodes": [
          {"node":"0.attn.q.9","token":1,"group":"b"},
          {"node":"0.attn.q.9","token":3,"group":"b"},
          {"node":"0.attn.q.10","token":3,"group":"b"},
          {"node":"1.attn.q.0","token":4,"group":"a"}
        ]
      }
      "
    `);
  });
});

describe('NodeNotes', () => {
  it('keeps notes in a file of the document and reads them again at their tokens', async () => {
    const { notes, files } = store();
    const of = notes.ofDocument(document);
    await notes.load(of, document);
    await notes.change(of, (before) => grouped(before, [at('0.attn.q.1', 4)], 'one'));
    await notes.change(of, (before) => marked(before, [at('0.attn.q.2', 8)], { note: 'two' }));
    expect([...files.keys()]).toEqual([expect.stringMatching(/^a\.py-[0-9a-f]{8}-tiny-0123456789ab\.json$/)]); // prettier-ignore
    const again = store(files).notes;
    // Two letters were written before: the tokens are others, and the places the same.
    const later = snapshot(`# ${TEXT}`, 2);
    await again.load(of, later);
    expect(again.of(of).nodes.map(({ node, at }) => [node, at!.token])).toEqual([
      ['0.attn.q.1', 6],
      ['0.attn.q.2', 10],
    ]);
    const other = { ...of, model: { ...of.model, hash: 'f'.repeat(64) } };
    await again.load(other, document);
    expect(again.of(other)).toEqual(NO_NOTES);
  });

  it('keeps those of two files of one path, each in its own folder', async () => {
    const [one, two] = ['file:///one/', 'file:///two/'].map((home) =>
      memoryFolder(new Map(), home),
    );
    const places = {
      folders: () => [two.folder, one.folder],
      placeOf: (uri: string) => {
        const [folder] = /^file:\/\/\/\w+\//.exec(uri)!;
        return { folder, path: uri.slice(folder.length) };
      },
    };
    const both = ['one', 'two'].map((name) => ({ ...document, uri: `file:///${name}/src/a.py` }));
    const notes = new NodeNotes(places, fail);
    for (const [i, snapshot] of both.entries()) {
      const of = notes.ofDocument(snapshot);
      await notes.load(of, snapshot);
      const place = { node: '0.attn.q.1', at: anchorAt(snapshot, 4) };
      await notes.change(of, (before) => grouped(before, [place], `group ${i}`));
    }
    expect([...one.files.keys()]).toEqual([...two.files.keys()]);
    const again = new NodeNotes(places, fail);
    for (const [i, snapshot] of both.entries()) {
      const of = again.ofDocument(snapshot);
      await again.load(of, snapshot);
      expect(again.of(of).groups.map(({ name }) => name)).toEqual([`group ${i}`]);
    }
  });

  it.each([
    ['the file', 'file:///src/a.py', 'file:///src/b.py', 'src/b.py'],
    ['its folder', 'file:///src', 'file:///lib/old', 'lib/old/a.py'],
  ])('takes them along when %s is renamed', async (_what, from, to, path) => {
    const { notes, files } = store();
    const of = notes.ofDocument(document);
    const other = { ...document, uri: 'file:///src.py' };
    for (const snapshot of [document, other]) {
      const own = notes.ofDocument(snapshot);
      await notes.load(own, snapshot);
      const place = { node: '0.attn.q.1', at: anchorAt(snapshot, 4) };
      await notes.change(own, (before) => grouped(before, [place], snapshot.uri));
    }
    await notes.move(from, to);
    const now = { ...document, uri: `file:///${path}` };
    const moved = notes.ofDocument(now);
    await notes.load(moved, now);
    expect(notes.of(moved).groups.map(({ name }) => name)).toEqual([document.uri]);
    expect(notes.of(moved).nodes[0].at).toMatchObject({ uri: now.uri, token: 4, lost: false });
    await notes.load(of, document);
    expect(notes.of(of)).toEqual(NO_NOTES);
    await notes.load(notes.ofDocument(other), other);
    expect(notes.of(notes.ofDocument(other)).groups).toHaveLength(1);
    expect([...files.values()].join()).toContain(`"file": "${path}"`);
    expect(files.size).toBe(2);
  });

  it('keeps those of a circuit where they are, or in the folder in front', async () => {
    const [one, two] = ['file:///one/', 'file:///two/'].map((home) =>
      memoryFolder(new Map(), home),
    );
    let order = [one.folder, two.folder];
    const places = {
      folders: () => order,
      placeOf: () => ({ folder: one.folder.home, path: 'src/a.py' }),
    };
    const notes = new NodeNotes(places, fail);
    const of: NotesOf = {
      ...notes.ofDocument(document),
      ...{ kind: 'circuit', folder: null, name: 'known', uri: null },
    };
    await notes.load(of, document);
    const whole = [{ node: '0.attn.q.1', at: null }];
    for (const name of ['one', 'more']) {
      await notes.change(of, (before) => grouped(before, whole, name));
      order = [two.folder, one.folder];
    }
    expect([one.files.size, two.files.size]).toEqual([1, 0]);
  });

  it('moves nodes with their tokens through an edit', async () => {
    const { notes } = store();
    const of = notes.ofDocument(document);
    await notes.load(of, document);
    await notes.change(of, () => grouped(NO_NOTES, [at('0.attn.q.1', 4)], 'one'));
    notes.follow({ before: document, after: snapshot(`\n\n${TEXT}`, 2) });
    expect(notes.of(of).nodes[0].at).toMatchObject({ token: 6, line: 2, lost: false });
  });

  it('leaves a file that it cannot read as it is', async () => {
    const made = store();
    const of = made.notes.ofDocument(document);
    await made.notes.load(of, document);
    await made.notes.change(of, () => grouped(NO_NOTES, [at('0.attn.q.1', 4)], 'one'));
    const [name] = [...made.files.keys()];
    const { notes, files, lost } = store(new Map([[name, '{"format": "circuitscope/notes"}']]));
    await notes.load(of, document);
    expect(lost[0]).toMatch(/bundle.*correct or remove it/);
    await expect(notes.change(of, (before) => before)).rejects.toThrow(/correct or remove it/);
    expect(files.get(name)).toBe('{"format": "circuitscope/notes"}');
  });

  it('reads a file anew when it was changed, and says so', async () => {
    const { notes, files } = store();
    const of = notes.ofDocument(document);
    await notes.load(of, document);
    await notes.change(of, () => grouped(NO_NOTES, [at('0.attn.q.1', 4)], 'one'));
    let told = 0;
    notes.changed.on(() => told++);
    const [name, text] = [...files][0];
    files.set(name, text.replaceAll('"one"', '"else"'));
    notes.forget();
    await notes.load(of, document);
    expect(notes.of(of).groups.map((group) => group.name)).toEqual(['else']);
    expect(told).toBe(2);
  });

  it('says that no folder is open', async () => {
    const notes = new NodeNotes(
      { folders: () => [], placeOf: () => ({ folder: null, path: 'a.py' }) },
      () => undefined,
    );
    const of = notes.ofDocument(document);
    await notes.load(of, document);
    await expect(notes.change(of, (before) => before)).rejects.toThrow(/no folder is open/);
  });
});
