/**
 * Labels that people give to nodes, a file a model. They are text of anybody's, so that nothing in them
 * can be hidden or reorder what stands beside them.
 */
import { t } from '../../shared/l10n';
import * as v from 'valibot';
import { oneLine } from '../../models/runtime/oneLine';
import { Emitter } from '../emitter';
import { fileName } from '../interventions/json';
import { plainText } from '../text/plainText';

/** The model whose nodes are labelled. */
export interface LabelledModel {
  readonly name: string;
  readonly hash: string;
}

/** A folder with files of labels. */
export interface LabelFolder {
  /** Null when there is no such file. */
  read(name: string): Promise<string | null>;
  /** @throws one line that says why it cannot be kept */
  write(name: string, text: string): Promise<void>;
}

/**
 * The folders at this time, that of the document in front first: there new labels go.
 * @throws one line when there is none and one is needed
 */
export type LabelFolders = () => readonly LabelFolder[];

/** Labels by node name. */
export type Labels = ReadonlyMap<string, string>;

const LONGEST = 60;
const NONE: Labels = new Map();

const FileSchema = v.object({
  format: v.literal('circuitscope/labels'),
  bundle: v.object({ name: v.string(), hash: v.string() }),
  labels: v.record(v.string(), v.string()),
});

export class NodeLabels {
  readonly changed = new Emitter();
  private readonly known = new Map<string, Labels>();
  private readonly loaded = new Map<string, Promise<void>>();
  private writing = Promise.resolve();

  /** @param onLost hears one line when a file cannot be read */
  constructor(
    private readonly folders: LabelFolders,
    private readonly onLost: (message: string) => void,
  ) {}

  /** The labels of a model, as far as they are loaded. */
  of({ hash }: LabelledModel): Labels {
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
   * @throws one line when it cannot be kept; a file that cannot be read is left as it is
   */
  set(model: LabelledModel, node: string, text: string): Promise<void> {
    const own = this.writing.then(() => this.write(model, node, plainLabel(text)));
    this.writing = own.catch(() => undefined);
    return own;
  }

  private async write(model: LabelledModel, node: string, label: string): Promise<void> {
    const folders = this.folders();
    if (folders.length === 0) {
      throw new Error(t('no folder is open; open one to keep labels in it'));
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
    const { name, hash } = model;
    const sorted = [...labels].sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }));
    const data = {
      format: 'circuitscope/labels',
      bundle: { name, hash },
      labels: Object.fromEntries(sorted),
    };
    await folders[at].write(fileOf(model), `${JSON.stringify(data, null, 2)}\n`);
    this.loaded.set(hash, Promise.resolve());
    this.known.set(hash, merged(each.with(at, labels)));
    this.changed.fire();
  }

  private async read(model: LabelledModel): Promise<Labels> {
    return merged(await Promise.all(this.folders().map((folder) => readIn(folder, model))));
  }
}

async function readIn(folder: LabelFolder, model: LabelledModel): Promise<Labels> {
  const file = fileOf(model);
  const text = await folder.read(file);
  return text === null ? NONE : parseLabels(text, file);
}

/** Labels of several folders; of two for one node the first. */
function merged(each: readonly Labels[]): Labels {
  return each.length === 1 ? each[0] : new Map(each.toReversed().flatMap((labels) => [...labels]));
}

/** A label as it is kept and shown. */
export function plainLabel(text: string): string {
  return plainText(text, LONGEST);
}

function parseLabels(text: string, file: string): Labels {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    throw new Error(t('{0} is not JSON; correct or remove it', file));
  }
  const read = v.safeParse(FileSchema, data);
  if (!read.success) {
    const [issue] = read.issues;
    const where = v.getDotPath(issue) ?? 'top level';
    throw new Error(oneLine(`${file}: ${where}: ${issue.message}; correct or remove it`));
  }
  const labels = Object.entries(read.output.labels).map(
    ([node, label]) => [node, plainLabel(label)] as const,
  );
  return new Map(labels.filter(([, label]) => label !== ''));
}

/** Models of one name may differ, and their nodes with them. */
function fileOf({ name, hash }: LabelledModel): string {
  return fileName(`${name}-${hash.slice(0, 12)}`);
}
