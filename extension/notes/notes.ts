/**
 * What people make of a circuit's nodes: groups with names, pins, and notes. All of it is text of
 * anybody's, so that nothing in it can be hidden or reorder what stands beside it.
 */
import { t } from '../../shared/l10n';
import { plainText } from '../../models/keptFiles';
import type { Anchor } from '../trace/anchor';

/** Nodes that are one to the eye. */
export interface Group {
  readonly name: string;
  /** Drawn as one node. */
  readonly collapsed: boolean;
  /** Empty without one. */
  readonly note: string;
}

/** A node where it is active. */
export interface NodePlace {
  readonly node: string;
  /** Its token; null where it stands for all of its tokens, as in a task's circuit. */
  readonly at: Anchor | null;
}

/** A node that people did something with. */
export interface Marked extends NodePlace {
  /** Name of its group; empty for none. */
  readonly group: string;
  /** Shown however small its effect. */
  readonly pinned: boolean;
  /** Empty without one. */
  readonly note: string;
}

/** All that was made of one document's nodes, or of one circuit's. */
export interface Notes {
  readonly groups: readonly Group[];
  readonly nodes: readonly Marked[];
}

export const NO_NOTES: Notes = { groups: [], nodes: [] };

const LONGEST = { name: 60, note: 300 };

/** A group's name as it is kept. */
export const plainName = (text: string): string => plainText(text, LONGEST.name);
/** A note as it is kept. */
export const plainNote = (text: string): string => plainText(text, LONGEST.note);

/** What tells one place from another. */
function placeKey({ node, at }: NodePlace): string {
  return at === null ? node : `${node}@${at.offset}.${at.part}`;
}

/** Nodes put into a group, which is drawn as one node when it is new; an empty name takes them out. */
export function grouped(notes: Notes, places: readonly NodePlace[], name: string): Notes {
  const group = plainName(name);
  const known = group === '' || notes.groups.some((one) => one.name === group);
  const groups = known
    ? notes.groups
    : [...notes.groups, { name: group, collapsed: true, note: '' }];
  return tidied({ groups, nodes: changed(notes.nodes, places, { group }) });
}

/** Nodes pinned or not, or with a note; an empty note takes it away. */
export function marked(
  notes: Notes,
  places: readonly NodePlace[],
  { pinned, note }: { readonly pinned?: boolean | undefined; readonly note?: string | undefined },
): Notes {
  const change = {
    ...(pinned === undefined ? {} : { pinned }),
    ...(note === undefined ? {} : { note: plainNote(note) }),
  };
  return tidied({ ...notes, nodes: changed(notes.nodes, places, change) });
}

/** What can become of a group. */
export interface GroupChange {
  readonly collapsed?: boolean | undefined;
  readonly note?: string | undefined;
  /** Another name; that of another group joins the two. */
  readonly name?: string | undefined;
}

/**
 * A group changed.
 * @throws when there is no such group
 */
export function rearranged(notes: Notes, name: string, change: GroupChange): Notes {
  const group = notes.groups.find((one) => one.name === name);
  if (!group) throw new Error(t('there is no group {0}', JSON.stringify(name)));
  const { collapsed = group.collapsed, note } = change;
  const wanted = plainName(change.name ?? name);
  const now = {
    ...{ name: wanted === '' ? name : wanted, collapsed },
    note: note === undefined ? group.note : plainNote(note),
  };
  const others = notes.groups.filter((one) => one !== group && one.name !== now.name);
  const nodes = notes.nodes.map((one) => (one.group === name ? { ...one, group: now.name } : one));
  return tidied({ groups: [...others, now], nodes });
}

/** A group given up; its nodes stay, with their pins and notes. */
export function ungrouped(notes: Notes, name: string): Notes {
  const nodes = notes.nodes.map((one) => (one.group === name ? { ...one, group: '' } : one));
  return tidied({ ...notes, nodes });
}

/** The notes with each of their anchors changed; themselves when none is. */
export function withAnchors(notes: Notes, change: (anchor: Anchor) => Anchor): Notes {
  const nodes = notes.nodes.map((one) => {
    const at = one.at && change(one.at);
    return at === one.at ? one : { ...one, at };
  });
  return nodes.every((one, i) => one === notes.nodes[i]) ? notes : { ...notes, nodes };
}

function changed(
  nodes: readonly Marked[],
  places: readonly NodePlace[],
  change: Partial<Omit<Marked, keyof NodePlace>>,
): Marked[] {
  const wanted = new Map(places.map((place) => [placeKey(place), place]));
  const kept = nodes.map((one) => (wanted.has(placeKey(one)) ? { ...one, ...change } : one));
  for (const one of nodes) wanted.delete(placeKey(one));
  const added = [...wanted.values()].map(({ node, at }) => ({
    ...{ node, at, group: '', pinned: false, note: '' },
    ...change,
  }));
  return [...kept, ...added];
}

/** Without nodes of which nothing is said, and groups without nodes. */
function tidied({ groups, nodes }: Notes): Notes {
  const said = nodes.filter(({ group, pinned, note }) => group !== '' || pinned || note !== '');
  const used = new Set(said.map(({ group }) => group));
  return { groups: groups.filter(({ name }) => used.has(name)), nodes: said };
}
