/**
 * Labels that people give to nodes, a file a model. They are text of anybody's, so that nothing in them
 * can be hidden or reorder what stands beside them.
 */
import * as v from 'valibot';
import { oneLine } from '../../models/runtime/oneLine';
import { Emitter } from '../emitter';
import { fileName } from '../interventions/json';

/** The model whose nodes are labelled. */
export interface LabelledModel {
  readonly name: string;
  readonly hash: string;
}

/** Where the files are. */
export interface LabelFiles {
  /** Null when there is no such file. */
  read(name: string): Promise<string | null>;
  /** @throws one line that says why it cannot be kept */
  write(name: string, text: string): Promise<void>;
}

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
    private readonly files: LabelFiles,
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
    const labels = new Map(await this.read(model));
    if ((labels.get(node) ?? '') === label) return;
    if (label === '') labels.delete(node);
    else labels.set(node, label);
    const { name, hash } = model;
    const sorted = [...labels].sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }));
    const data = {
      format: 'circuitscope/labels',
      bundle: { name, hash },
      labels: Object.fromEntries(sorted),
    };
    await this.files.write(fileOf(model), `${JSON.stringify(data, null, 2)}\n`);
    this.loaded.set(hash, Promise.resolve());
    this.known.set(hash, labels);
    this.changed.fire();
  }

  private async read(model: LabelledModel): Promise<Labels> {
    const file = fileOf(model);
    const text = await this.files.read(file);
    return text === null ? NONE : parseLabels(text, file);
  }
}

/** A label as it is kept and shown: one line without anything invisible. */
export function plainLabel(text: string): string {
  const seen = text.replace(/\s/g, ' ').replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '');
  const plain = seen.replace(/ +/g, ' ').trim();
  return Array.from(plain).slice(0, LONGEST).join('').trim();
}

function parseLabels(text: string, file: string): Labels {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    throw new Error(`${file} is not JSON; correct or remove it`);
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
