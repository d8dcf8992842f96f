/** The files of a model in a folder that somebody downloaded. */
import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { readJson } from '../input';
import { openCheckpoint, type Checkpoint } from './checkpoint';
import { ImportError } from './error';
import { sampledShare, type ModelSize } from './memory';
import { parseOpenAiConfig, type OpenAiConfig } from './openaiConfig';
import { numbersOf, readOpenAiWeights, type Control, type ReadModel } from './openaiWeights';

/** Names of configuration and weights: as they are published, and on Hugging Face. */
const LAYOUTS = [
  ['beeg_config.json', 'final_model.pt'],
  ['config.json', 'model.safetensors'],
] as const;

/** A model whose configuration was read, and whose weights are not yet. */
export class ModelFolder {
  private constructor(
    /** What the folder is called. */
    readonly name: string,
    readonly configFile: string,
    readonly weightsFile: string,
    readonly config: OpenAiConfig,
  ) {}

  /** @throws ImportError when the folder holds no model that can be imported */
  static open(folder: string): ModelFolder {
    const layout = LAYOUTS.find(([config]) => existsSync(join(folder, config)));
    if (!layout) {
      const wanted = LAYOUTS.map(([config, weights]) => `${config} and ${weights}`).join(', or ');
      throw new ImportError(`${folder} has no model; give a folder with ${wanted}`);
    }
    const [configFile, weightsFile] = layout.map((file) => join(folder, file));
    if (!existsSync(weightsFile)) {
      throw new ImportError(`${weightsFile} is missing; put it beside ${basename(configFile)}`);
    }
    const config = parseOpenAiConfig(jsonOf(configFile), configFile);
    return new ModelFolder(basename(resolve(folder)), configFile, weightsFile, config);
  }

  /** Numbers of all its arrays. */
  get numbers(): number {
    return numbersOf(this.config, this.configFile).numbers;
  }

  /** Its size, before it is read. */
  get size(): ModelSize {
    const sizes = numbersOf(this.config, this.configFile);
    return { ...sizes, nonzeroShare: sampledShare(this.weightsFile) };
  }

  /** Reads its arrays one after another. */
  async read(control: Control): Promise<ReadModel> {
    const checkpoint: Checkpoint = openCheckpoint(this.weightsFile);
    try {
      return await readOpenAiWeights(this.config, this.configFile, checkpoint, control);
    } finally {
      checkpoint.close();
    }
  }
}

function jsonOf(file: string): unknown {
  try {
    const json = readJson(file, 'download it again') as Record<string, unknown> | null;
    if (json !== null && typeof json === 'object' && 'model_config' in json) {
      throw new ImportError(
        `${file} belongs to a sparse_pretrain model; only OpenAI's models can be imported`,
      );
    }
    return json;
  } catch (error) {
    throw error instanceof ImportError ? error : new ImportError((error as Error).message);
  }
}

/**
 * The first of some files that a folder, or one above it, has: a release keeps what its models share
 * in a folder beside theirs.
 */
export function findNear(folder: string, files: readonly string[], within: string): string | null {
  for (let at = resolve(folder), up = 0; up < 3; at = dirname(at), up++) {
    for (const dir of [at, join(at, within)]) {
      if (files.every((file) => existsSync(join(dir, file)))) return dir;
    }
  }
  return null;
}
