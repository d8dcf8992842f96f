/**
 * Labels that people give to nodes, where a workspace keeps them. They are text of anybody's, so that
 * nothing in them can be hidden or reorder what stands beside them.
 */
import { t } from '../../shared/l10n';
import {
  givenFile,
  givenText,
  parseGiven,
  plainLabel,
  type GivenLabels,
  type LabelledModel,
} from '../../models/labels/given';
import { oneLine } from '../../models/oneLine';
import { Emitter } from '../emitter';

/** A folder with files of labels. */
export interface LabelFolder {
  /** Null when there is no such file. */
  read(name: string): Promise<string | null>;
  /** @throws one line that says why it cannot be kept */
  write(name: string, text: string): Promise<void>;
}

/**
 * The folders at this time, that of the document in question first: there new labels go.
 * @param about uris of documents; without one that is in a folder, that in front counts
 */
export type LabelFolders = (...about: readonly string[]) => readonly LabelFolder[];

const NONE: GivenLabels = new Map();

export class NodeLabels {
  readonly changed = new Emitter();
  private readonly known = new Map<string, GivenLabels>();
  private readonly loaded = new Map<string, Promise<void>>();
  private writing = Promise.resolve();

  /** @param onLost hears one line when a file cannot be read */
  constructor(
    private readonly folders: LabelFolders,
    private readonly onLost: (message: string) => void,
  ) {}

  /** The labels of a model, as far as they are loaded. */
  of({ hash }: LabelledModel): GivenLabels {
    return this.known.get(hash) ?? NONE;
  }

  /** Reads the labels of a model, unless they are there already; whoever asks meanwhile waits too. */
  load(model: LabelledModel): Promise<void> {
    const { hash } = model;
    const before = this.loaded.get(hash);
    if (before) return before;
    const own = this.read(model).then(
      (labels) => {
        // What was set or forgotten meanwhile is newer than what was read.
        if (this.loaded.get(hash) !== own) return;
        this.known.set(hash, labels);
        if (labels.size > 0) this.changed.fire();
      },
      (error: unknown) => this.onLost(oneLine(error)),
    );
    this.loaded.set(hash, own);
    return own;
  }

  /** Forgets what was read, because a file has changed. */
  forget(): void {
    this.known.clear();
    this.loaded.clear();
    this.changed.fire();
  }

  /**
   * Labels a node; an empty text takes its label away.
   * @param about uri of the document in which a person looks at the node
   * @throws one line when it cannot be kept; a file that cannot be read is left as it is
   */
  set(model: LabelledModel, node: string, text: string, about: string): Promise<void> {
    const own = this.writing.then(() => this.write(model, node, plainLabel(text), about));
    this.writing = own.catch(() => undefined);
    return own;
  }

  private async write(
    model: LabelledModel,
    node: string,
    label: string,
    about: string,
  ): Promise<void> {
    const folders = this.folders(about);
    if (folders.length === 0) {
      throw new Error(t('no folder is open; open one to save labels'));
    }
    const each = await Promise.all(folders.map((folder) => readIn(folder, model)));
    if ((merged(each).get(node) ?? '') === label) return;
    // A label stays where it is kept; a new one goes to the first folder.
    const at = Math.max(
      0,
      each.findIndex((labels) => labels.has(node)),
    );
    const labels = new Map(each[at]);
    if (label === '') labels.delete(node);
    else labels.set(node, label);
    await folders[at].write(givenFile(model), givenText(model, labels));
    const { hash } = model;
    this.loaded.set(hash, Promise.resolve());
    this.known.set(hash, merged(each.with(at, labels)));
    this.changed.fire();
  }

  private async read(model: LabelledModel): Promise<GivenLabels> {
    return merged(await Promise.all(this.folders().map((folder) => readIn(folder, model))));
  }
}

async function readIn(folder: LabelFolder, model: LabelledModel): Promise<GivenLabels> {
  const file = givenFile(model);
  const text = await folder.read(file);
  return text === null ? NONE : parseGiven(text, file);
}

/** Labels of several folders; of two for one node the first. */
function merged(each: readonly GivenLabels[]): GivenLabels {
  return each.length === 1 ? each[0] : new Map(each.toReversed().flatMap((labels) => [...labels]));
}
