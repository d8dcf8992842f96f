/** How the command that made a model stands in its card. */
import { basename, join } from 'node:path';

/** Most tokens of each stream of a run for PyTorch, in millions, unless options say otherwise. */
export const DEFAULT_MILLIONS = 30;

/** The tokenizer of a new model, unless an option names another. */
export const defaultTokenizer = (bundlesDir: string) =>
  join(bundlesDir, 'python-sparse', 'tokenizer.json');

/** What a command was given. */
interface Given {
  readonly configFile: string;
  readonly corpusDirs: readonly string[];
  readonly from: string | null;
  readonly tokenizerFile: string;
  readonly bundlesDir: string;
  /** Most tokens of each stream, of a run for PyTorch alone. */
  readonly tokens?: { readonly ordinary: number; readonly generated: number };
}

/**
 * The command with every option that is not at its default and has a say in the model; folders and
 * files other than the settings are called by what they are.
 */
export function recordedCommand(given: Given): string {
  const { configFile, corpusDirs, from, tokenizerFile, bundlesDir, tokens } = given;
  const dirs = corpusDirs.map((_, i) => `CORPUS${i === 0 ? '' : i + 1}`);
  // A run that goes on keeps its own tokenizer.
  const other = from === null && tokenizerFile !== defaultTokenizer(bundlesDir);
  const limits = (['ordinary', 'generated'] as const).flatMap((part) => {
    const millions = tokens ? tokens[part] / 1e6 : DEFAULT_MILLIONS;
    return millions === DEFAULT_MILLIONS ? [] : [`--${part} ${millions}`];
  });
  return [
    ...['circuitscope train', basename(configFile), ...(tokens ? ['--engine torch'] : [])],
    ...['--corpus', ...dirs, ...(from === null ? [] : ['--from BUNDLE'])],
    ...[...(other ? ['--tokenizer TOKENIZER'] : []), ...limits, '--out RUN'],
  ].join(' ');
}
