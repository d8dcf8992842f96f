/** A published circuit as a circuit file of ours: its nodes, the model's own weights between them. */
import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import type { Bundle } from '../bundles/bundle';
import { edgesForFile, type Circuit } from '../circuits/file/circuitFile';
import { ModelEdges } from '../weights/edges';
import { NodeSet } from '../transformer/nodeSet';
import type { PairsIdentity } from '../tasks/source';
import { tasks } from '../tasks';
import { isHeadSite, siteWidth } from '../transformer/config';
import { activationSites } from '../transformer/nodes';
import { ImportError } from './error';
import { readViz } from './vizFile';

export const CIRCUIT_FILE = 'viz_data.pt';
const PROJECT = 'openai/circuit_sparsity';

/**
 * Reads a published circuit for the model that it is of.
 * @param pairs what it is to be judged by; taken from the folder's name when null
 * @throws ImportError when it is of another model, or when no task of ours is known for it
 */
export function importCircuit(file: string, bundle: Bundle, pairs: PairsIdentity | null): Circuit {
  const viz = readViz(file);
  const { config, name, hash } = bundle;
  const own = activationSites(config).reduce((sum, { site }) => sum + siteWidth(config, site), 0);
  if (viz.allNodes !== own) {
    throw new ImportError(
      `${file} is of a model with ${viz.allNodes} nodes, but ${name} has ${own}; choose its model with --bundle`,
    );
  }
  const names = nodesOf(viz.nodes, bundle, file).names();
  const edges = new ModelEdges(bundle).edgesBetween(names);
  return {
    format: 3,
    bundle: { name, hash },
    pairs: pairs ?? pairsByFolder(file),
    ablation: 'mean',
    search: null,
    published: {
      ...{ project: PROJECT, file: placeOf(file), sha256: fingerprint(file) },
      ...{ loss: { ...viz.loss }, edges: viz.edges },
      lossWithout: names.map((node) => viz.lossWithout.get(node) ?? null),
    },
    core: names,
    backups: [],
    cut: [],
    ...edgesForFile(edges, edges.length),
    ...{ proof: null, repeats: [] },
  };
}

/** The nodes of a circuit: those named, and every sink, which the project has in all its circuits. */
function nodesOf(names: readonly string[], { config }: Bundle, file: string): NodeSet {
  const heads = NodeSet.all(config).nodes.filter(({ site }) => isHeadSite(site));
  try {
    return new NodeSet(config, [...NodeSet.named(config, names).nodes, ...heads]);
  } catch (error) {
    throw new ImportError(`${file}: ${(error as Error).message}; choose its model with --bundle`);
  }
}

/** Folders up to that of all circuits: model, task, sweep and number, as the release has them. */
function foldersOf(file: string): string[] {
  const folders: string[] = [];
  for (let at = dirname(resolve(file)), up = 0; up < 4; at = dirname(at), up++) {
    folders.unshift(basename(at));
  }
  return folders;
}

/** Where a file lies in the release, as far as its folders say. */
function placeOf(file: string): string {
  const folders = foldersOf(file);
  const above = basename(resolve(dirname(file), '../../../..'));
  return above === 'viz' ? ['viz', ...folders, basename(file)].join('/') : basename(file);
}

/** Their task of the same behaviour as one of ours: `else_elif_beeg` is our `else_elif`. */
function pairsByFolder(file: string): PairsIdentity {
  const [, folder] = foldersOf(file);
  const task = folder.replace(/_beeg\d*$/, '');
  if (tasks.some(({ name }) => name === task)) return { task };
  throw new ImportError(
    `${file} is not in a folder named after a task (viz/MODEL/TASK/SWEEP/NUMBER); give --task NAME or --file PAIRS`,
  );
}

const PIECE = 2 ** 22;

function fingerprint(file: string): string {
  const hash = createHash('sha256');
  const bytes = Buffer.alloc(PIECE);
  const descriptor = openSync(file, 'r');
  try {
    for (;;) {
      const read = readSync(descriptor, bytes, 0, PIECE, null);
      if (read === 0) return hash.digest('hex');
      hash.update(bytes.subarray(0, read));
    }
  } finally {
    closeSync(descriptor);
  }
}
