/** Labels that a person gave nodes in the editor, which stand for all others here too. */
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { decodeUnicode } from '../encodings';
import { readInput } from '../input';
import { KEPT_FOLDER } from '../keptFiles';
import {
  GIVEN_FOLDER,
  givenFile,
  parseGiven,
  type GivenLabels,
  type LabelledModel,
} from '../labels/given';
import { oneLine } from '../oneLine';
import { say } from './output';

const NONE: GivenLabels = new Map();

/**
 * The labels of a model in the workspace around a file or folder: the nearest folder at or above it in which
 * the editor keeps anything. A file of labels that is damaged is said beside the output.
 */
export function ownLabels(path: string, model: LabelledModel): GivenLabels {
  const workspace = workspaceAround(path);
  const file = workspace && join(workspace, KEPT_FOLDER, GIVEN_FOLDER, givenFile(model));
  if (file === null || !existsSync(file)) return NONE;
  try {
    return parseGiven(decodeUnicode(readInput(file), file), file);
  } catch (error) {
    say(oneLine(error));
    return NONE;
  }
}

function workspaceAround(path: string): string | null {
  for (let dir = resolve(path); ; dir = dirname(dir)) {
    if (existsSync(join(dir, KEPT_FOLDER))) return dir;
    if (dir === dirname(dir)) return null;
  }
}

/** A label that a person gave, in quotes that no other has. */
export const quoted = (given: string): string => `“${given}”`;
