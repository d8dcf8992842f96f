/** Intervention sets as JSON: what `circuitscope trace --interventions` reads as well. */
import { t } from '../../shared/l10n';
import {
  parseInterventionSet,
  type InterventionSet,
  type SavedIntervention,
} from '../../models/inference/interventions';
import type { BundleInfo } from '../../models/inference/engine';
import { parseNode } from '../../models/transformer/nodes';
import { follow, type Anchor } from '../trace/anchor';
import type { Snapshot } from '../trace/documents';
import { anchorOf, entryOf, modelId, whatIn, type Entry, type SetState, type Where } from './entry';

/** Documents as files of the workspace name them. */
export interface FileNames {
  /** Path of a document below its folder. */
  fileOf(uri: string): string;
  /** The document of such a path; null where the workspace has none. */
  uriOf(file: string): string | null;
}

/** What a set is read for. */
export interface ReadingSet {
  readonly info: BundleInfo;
  /** The document in front: tokens that are given by number only are taken to be its. */
  readonly snapshot: Snapshot | null;
  readonly files: FileNames;
}

/** JSON of the set's interventions that are on and of one model; those at lost tokens stay out. */
export function setToJson(
  { name, entries }: SetState,
  { name: bundle, hash }: Pick<BundleInfo, 'name' | 'hash'>,
  files: FileNames,
): string {
  const interventions = entries
    .filter((entry) => entry.on && entry.model.hash === hash && anchorOf(entry)?.lost !== true)
    .map((entry) => saved(entry, files));
  const set: InterventionSet = { name, bundle: { name: bundle, hash }, interventions };
  return `${JSON.stringify(set, null, 2)}\n`;
}

/**
 * A set from JSON, all of it on. One of another model is taken as it is, and waits for that model.
 * @param where what the error message calls the source
 * @throws one line that says what is wrong
 */
export function setFromJson(json: string, where: string, reading: ReadingSet): SetState {
  const { name, bundle, interventions } = parseInterventionSet(parsed(json, where), where);
  const model = bundle ?? modelId(reading.info);
  if (model.hash === reading.info.hash) checkNodes(interventions, reading.info, where);
  const entries = interventions.map((intervention) => {
    return {
      ...whatIn(intervention),
      where: whereOf(intervention, model.hash, where, reading),
      model,
      on: true,
    };
  });
  return { name, entries };
}

function saved(entry: Entry, files: FileNames): SavedIntervention {
  const { where } = entry;
  const anchor = anchorOf(entry);
  if (!anchor || where === 'all') return { ...whatIn(entry), positions: 'all' };
  const { token, uri, line, offset, text, before, after, part } = anchor;
  return {
    ...whatIn(entry),
    positions: 'at' in where ? { at: token } : { from: token },
    place: { file: files.fileOf(uri), line: line + 1, offset, text, before, after, part },
  };
}

function whereOf(
  intervention: SavedIntervention,
  model: string,
  where: string,
  { snapshot, files }: ReadingSet,
): Where {
  const { positions, place } = intervention;
  if (positions === 'all') return 'all';
  const token = 'at' in positions ? positions.at : positions.from;
  const uri = place ? files.uriOf(place.file) : null;
  if (place && uri !== null) {
    const { line, offset, text, before, after, part } = place;
    const anchor: Anchor = {
      ...{ uri, model, token, line: line - 1 },
      ...{ offset, text, before, after, part, lost: false },
    };
    const found = snapshot ? follow(anchor, null, snapshot) : anchor;
    return 'at' in positions ? { at: found } : { from: found };
  }
  if (!snapshot || snapshot.info.hash !== model) {
    throw new Error(
      t(
        '{0}: token {1} is given by number; open its Python file, choose the set’s model, and load the set again',
        where,
        token,
      ),
    );
  }
  if (token >= snapshot.encoding.ids.length) {
    const { length } = snapshot.encoding.ids;
    throw new Error(
      t(
        '{0}: there is no token {1} in the active file, which has {2}; open the file the set belongs to',
        where,
        token,
        length,
      ),
    );
  }
  return entryOf(intervention, snapshot).where;
}

function checkNodes(
  interventions: readonly SavedIntervention[],
  { name, config }: BundleInfo,
  where: string,
): void {
  for (const node of interventions.flatMap(({ nodes, into }) => [...nodes, into ?? []].flat())) {
    try {
      parseNode(node, config);
    } catch {
      throw new Error(
        t('{0}: {1} has no node {2}; choose the set’s model', where, name, JSON.stringify(node)),
      );
    }
  }
}

function parsed(json: string, where: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw new Error(t('{0} is not JSON; correct it or choose another', where));
  }
}
