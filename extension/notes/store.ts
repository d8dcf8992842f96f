/** Notes of the documents and circuits that people look at, each in a file of the workspace. */
import { createHash } from 'node:crypto';
import { t } from '../../shared/l10n';
import { oneLine } from '../../models/oneLine';
import { Emitter } from '../emitter';
import { fileName } from '../../models/keptFiles';
import { tailOf } from '../renamed';
import type { LabelFolder } from '../labels/labels';
import { follow } from '../trace/anchor';
import type { Encoded, Snapshot } from '../trace/documents';
import { documentOfNotes, notesFromJson, notesToJson, type NotesOf } from './json';
import { NO_NOTES, withAnchors, type Notes } from './notes';

/** A folder with files of notes. */
export interface NotesFolder extends LabelFolder {
  /** Uri of the folder of the workspace that it is in. */
  readonly home: string;
  /** Names of its files. */
  list(): Promise<readonly string[]>;
  remove(name: string): Promise<void>;
}

/** Where notes are kept, and how files are named. */
export interface NotesPlaces {
  /** Those at this time, that of a document first. */
  readonly folders: (about: string) => readonly NotesFolder[];
  /** Folder of a document, null outside all, and its path below that. */
  placeOf(uri: string): { readonly folder: string | null; readonly path: string };
}

interface Known {
  readonly of: NotesOf;
  readonly notes: Notes;
}

export class NodeNotes {
  readonly changed = new Emitter();
  private readonly known = new Map<string, Known>();
  private readonly loaded = new Map<string, Promise<void>>();
  /** Why a file cannot be read. */
  private readonly broken = new Map<string, string>();
  private writing = Promise.resolve();

  /** @param onLost hears one line when a file cannot be read */
  constructor(
    private readonly places: NotesPlaces,
    private readonly onLost: (message: string) => void,
  ) {}

  /** What the notes on a document are of. */
  ofDocument({ uri, info }: Snapshot): NotesOf {
    const { name, hash } = info;
    const { folder, path } = this.places.placeOf(uri);
    return { model: { name, hash }, kind: 'file', folder, name: path, uri, seenIn: uri };
  }

  /** The notes, as far as they are loaded. */
  of(of: NotesOf): Notes {
    return this.known.get(keyOf(of))?.notes ?? NO_NOTES;
  }

  /**
   * Reads the notes unless they are there already.
   * @param snapshot the document, in which the nodes' tokens are looked for
   * @param begin notes to begin with where none are kept
   */
  load(of: NotesOf, snapshot: Snapshot, begin: Notes = NO_NOTES): Promise<void> {
    const key = keyOf(of);
    const before = this.loaded.get(key);
    if (before) return before;
    const own = this.read(of).then(
      (read) => {
        if (this.loaded.get(key) !== own) return;
        const notes = withAnchors(read ?? begin, (anchor) => follow(anchor, null, snapshot));
        const known = this.of(of);
        this.known.set(key, { of, notes });
        if (notesToJson(known, of) !== notesToJson(notes, of)) this.changed.fire();
      },
      (error: unknown) => {
        this.broken.set(key, oneLine(error));
        this.onLost(oneLine(error));
      },
    );
    this.loaded.set(key, own);
    return own;
  }

  /** Moves nodes with their tokens through an edit. */
  follow({ before, after }: Encoded): void {
    for (const [key, { of, notes }] of this.known) {
      if (of.uri !== after.uri || of.model.hash !== after.info.hash) continue;
      const text = before?.source.text ?? null;
      const now = withAnchors(notes, (anchor) => follow(anchor, text, after));
      this.known.set(key, { of, notes: now });
    }
  }

  /** What was read is read anew when it is next asked for, because a file has changed. */
  forget(): void {
    this.loaded.clear();
    this.broken.clear();
    this.changed.fire();
  }

  /** Takes along what is kept of a file that was renamed, or of the files below a folder. */
  move(from: string, to: string): Promise<void> {
    this.writing = this.writing
      .then(() => this.moveAll(from, to))
      .catch((error: unknown) => {
        this.onLost(oneLine(error));
      });
    return this.writing;
  }

  private async moveAll(from: string, to: string): Promise<void> {
    const [old, now] = [from, to].map((uri) => this.places.placeOf(uri));
    const target = this.folders({ ...now, seenIn: to }).at(0);
    for (const folder of target ? this.folders({ ...old, seenIn: from }) : []) {
      for (const file of await folder.list()) {
        const text = (await folder.read(file)) ?? '';
        const of = documentOfNotes(text);
        const tail = of && tailOf(of.name.replace(/#.*/s, ''), old.path);
        if (!of || tail === null) continue;
        const cell = /#.*/s.exec(of.name)?.[0] ?? '';
        const own = { ...of, kind: 'file', folder: now.folder, uri: to, seenIn: to } as const;
        const moved: NotesOf = { ...own, name: now.path + tail + cell };
        const notes = notesFromJson(text, file, moved);
        await target!.write(fileOf(moved), notesToJson(notes, moved));
        await folder.remove(file);
      }
    }
    this.forget();
  }

  /**
   * Changes notes, which are loaded, and writes their file.
   * @throws one line when they cannot be kept; a file that cannot be read is left as it is
   */
  change(of: NotesOf, change: (notes: Notes) => Notes): Promise<void> {
    const own = this.writing.then(() => this.write(of, change));
    this.writing = own.catch(() => undefined);
    return own;
  }

  private async write(of: NotesOf, change: (notes: Notes) => Notes): Promise<void> {
    const key = keyOf(of);
    await this.loaded.get(key);
    const reason = this.broken.get(key);
    if (reason !== undefined) throw new Error(reason);
    const notes = change(this.of(of));
    await (await this.folderOf(of)).write(fileOf(of), notesToJson(notes, of));
    this.loaded.set(key, Promise.resolve());
    this.known.set(key, { of, notes });
    this.changed.fire();
  }

  /** Where a file may be: a document's in its own folder, since another may have one of the same path. */
  private folders({ folder, seenIn }: Pick<NotesOf, 'folder' | 'seenIn'>): readonly NotesFolder[] {
    const all = this.places.folders(seenIn);
    return folder === null ? all : all.filter(({ home }) => home === folder);
  }

  /** The folder that has the file, or the first. */
  private async folderOf(of: NotesOf): Promise<LabelFolder> {
    const folders = this.folders(of);
    if (folders.length === 0)
      throw new Error(t('no folder is open; open one to save groups and notes'));
    for (const folder of folders) if ((await folder.read(fileOf(of))) !== null) return folder;
    return folders[0];
  }

  private async read(of: NotesOf): Promise<Notes | null> {
    for (const folder of this.folders(of)) {
      const text = await folder.read(fileOf(of));
      if (text !== null) return notesFromJson(text, fileOf(of), of);
    }
    return null;
  }
}

function keyOf({ model, kind, folder, name }: NotesOf): string {
  return JSON.stringify([model.hash, kind, folder, name]);
}

/** Files of one name may stand in several places of a folder: what else tells them apart is in a few letters. */
function fileOf({ model, kind, name }: NotesOf): string {
  const digest = createHash('sha256').update(`${kind} ${name}`).digest('hex').slice(0, 8);
  const last = name.split(/[/\\]/).at(-1)!.slice(0, 40);
  return fileName(`${last}-${digest}-${model.name.slice(0, 30)}-${model.hash.slice(0, 12)}`);
}
