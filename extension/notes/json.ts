/** Notes as JSON, an entry a line in an order that does not depend on when it was made, for a diff. */
import * as v from 'valibot';
import { t } from '../../shared/l10n';
import { oneLine } from '../../models/oneLine';
import type { LabelledModel } from '../../models/labels/given';
import type { Anchor } from '../trace/anchor';
import { plainName, plainNote, type Group, type Marked, type Notes } from './notes';

/** What notes are of. */
export interface NotesOf {
  readonly model: LabelledModel;
  /** A document, or a circuit whose nodes are drawn. */
  readonly kind: 'file' | 'circuit';
  /** Folder of the workspace that has the document; null for one outside all, and for circuits. */
  readonly folder: string | null;
  /** The document's path below its folder, or the circuit's name. */
  readonly name: string;
  /** The document that has the nodes' tokens; null where nodes stand at no token of their own. */
  readonly uri: string | null;
  /** The document that people look at the nodes in: new notes are kept in its folder. */
  readonly seenIn: string;
}

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const position = v.pipe(v.number(), v.integer(), v.minValue(-1));

/** A token as in saved sets of ablations, with the number that nodes name it by. */
const TokenSchema = v.object({
  token: position,
  line: v.pipe(v.number(), v.integer(), v.minValue(1)),
  offset: position,
  text: v.string(),
  before: v.string(),
  after: v.string(),
  part: count,
});
const GroupSchema = v.object({
  name: v.string(),
  collapsed: v.optional(v.boolean(), true),
  note: v.optional(v.string(), ''),
});
const NodeSchema = v.object({
  node: v.string(),
  token: v.optional(position),
  group: v.optional(v.string(), ''),
  pinned: v.optional(v.boolean(), false),
  note: v.optional(v.string(), ''),
});

/** The parts of a file that say something of nodes; exported circuits have them as well. */
const NotedSchema = v.object({
  groups: v.array(GroupSchema),
  tokens: v.array(TokenSchema),
  nodes: v.array(NodeSchema),
});

const FileSchema = v.object({
  format: v.literal('circuitscope/notes'),
  bundle: v.object({ name: v.string(), hash: v.string() }),
  ...NotedSchema.entries,
});

/** The notes as a file has them. */
export function notesToJson(notes: Notes, { model, kind, name }: NotesOf): string {
  const { groups, tokens, nodes } = noted(notes);
  return object([
    ['format', '"circuitscope/notes"'],
    ['bundle', JSON.stringify({ name: model.name, hash: model.hash })],
    [kind, JSON.stringify(name)],
    ['groups', lines(groups)],
    ['tokens', lines(tokens)],
    ['nodes', lines(nodes)],
  ]);
}

/** An object of JSON with its fields in this order, given as JSON. */
export function object(fields: readonly (readonly [name: string, json: string])[]): string {
  return `{\n${fields.map(([name, json]) => `  ${JSON.stringify(name)}: ${json}`).join(',\n')}\n}\n`;
}

/** A list of JSON with an entry a line. */
export function lines(entries: readonly unknown[]): string {
  if (entries.length === 0) return '[]';
  return `[\n${entries.map((entry) => `    ${JSON.stringify(entry)}`).join(',\n')}\n  ]`;
}

/** Groups by name, tokens by place, nodes by token and name; what is empty is left out. */
function noted({ groups, nodes }: Notes): v.InferInput<typeof NotedSchema> {
  const anchors = new Map(nodes.flatMap(({ at }) => (at ? [[at.token, at] as const] : [])));
  const tokens = [...anchors.values()].sort((a, b) => a.token - b.token);
  const placed = [...nodes].sort(
    (a, b) => (a.at?.token ?? -1) - (b.at?.token ?? -1) || byName(a.node, b.node),
  );
  return {
    groups: [...groups]
      .sort((a, b) => byName(a.name, b.name))
      .map(({ name, collapsed, note }) => ({ name, collapsed, ...(note === '' ? {} : { note }) })),
    tokens: tokens.map(({ token, line, offset, text, before, after, part }) => ({
      ...{ token, line: line + 1, offset, text, before, after, part },
    })),
    nodes: placed.map(({ node, at, group, pinned, note }) => ({
      ...{ node, ...(at ? { token: at.token } : {}) },
      ...(group === '' ? {} : { group }),
      ...(pinned ? { pinned } : {}),
      ...(note === '' ? {} : { note }),
    })),
  };
}

function byName(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true }) || (a < b ? -1 : a > b ? 1 : 0);
}

const NamedSchema = v.object({ bundle: FileSchema.entries.bundle, file: v.string() });

/** The model and document that a file of notes says it is of; null for those of a circuit. */
export function documentOfNotes(json: string): { model: LabelledModel; name: string } | null {
  try {
    const { bundle, file } = v.parse(NamedSchema, JSON.parse(json));
    return { model: bundle, name: file };
  } catch {
    return null;
  }
}

/**
 * The notes of a file.
 * @param where what the error message calls it
 * @throws one line that says what is wrong
 */
export function notesFromJson(json: string, where: string, of: NotesOf): Notes {
  let data: unknown;
  try {
    data = JSON.parse(json);
  } catch {
    throw new Error(t('{0} is not JSON; correct or remove it', where));
  }
  const read = v.safeParse(FileSchema, data);
  if (!read.success) {
    const [issue] = read.issues;
    const at = v.getDotPath(issue) ?? 'top level';
    throw new Error(oneLine(`${where}: ${at}: ${issue.message}; correct or remove it`));
  }
  return notesOf(read.output, of);
}

/** What was read of a file, as notes; a node whose token the file does not name is left out. */
function notesOf(
  { groups, tokens, nodes }: v.InferOutput<typeof NotedSchema>,
  { model, uri }: NotesOf,
): Notes {
  const anchors = new Map(
    tokens.map(({ line, ...token }): [number, Anchor] => [
      token.token,
      { ...token, uri: uri ?? '', model: model.hash, line: line - 1, lost: false },
    ]),
  );
  const marked = nodes.flatMap(({ node, token, group, pinned, note }): Marked[] => {
    const at = token === undefined ? null : anchors.get(token);
    // In a document a node stands at a token.
    if (at === undefined || (at === null) !== (uri === null)) return [];
    return [{ node, at, group: plainName(group), pinned, note: plainNote(note) }];
  });
  const used = new Set(marked.map(({ group }) => group));
  const named = groups.map(({ name, collapsed, note }): Group => ({
    ...{ name: plainName(name), collapsed, note: plainNote(note) },
  }));
  const kept = named.filter(
    ({ name }, i) => used.has(name) && named.findIndex((one) => one.name === name) === i,
  );
  // A group that is only named by its nodes is one, too.
  const known = new Set(kept.map(({ name }) => name));
  const more = [...used].filter((name) => name !== '' && !known.has(name));
  return {
    groups: [...kept, ...more.map((name) => ({ name, collapsed: true, note: '' }))],
    nodes: marked,
  };
}
