/** `circuitscope bundle examples`: adds examples of every node's activations in held-out text to a bundle. */
import { join } from 'node:path';
import { addExamples, readBundle } from '../bundles/bundle';
import { Tokenizer } from '../tokenizer/tokenizer';
import { buildTokenStream } from '../training/corpus/tokenStream';
import { readCorpus } from '../training/corpus/readCorpus';
import { nodeExamples } from '../training/examples';
import { exampleWindows } from '../training/windows';
import { showProgress } from './command';

/** Windows are the same for every model of one tokenizer and context. */
const SEED = 1;

/** What was written. */
export interface ExamplesReport {
  readonly bundle: { readonly name: string; readonly hash: string };
  readonly dir: string;
  /** Windows of held-out text that were run. */
  readonly windows: number;
}

/**
 * Runs the bundle's model on held-out Python and writes the examples into the bundle.
 * @param corpusDirs folders that have the packages held out in `heldout/`
 */
export async function writeExamples(
  dir: string,
  corpusDirs: readonly string[],
): Promise<ExamplesReport> {
  const { name, hash, config, weights, tokenizerJson } = readBundle(dir);
  const tokenizer = Tokenizer.fromJson(tokenizerJson);
  const { files } = readCorpus(corpusDirs.map((corpus) => join(corpus, 'heldout')));
  const stream = buildTokenStream(files, tokenizer, (done, total) => {
    showProgress('files read:', done, total);
  });
  const source = { stream, tokenizer, seed: SEED, idiomShare: 0, context: config.context };
  const examples = await nodeExamples(config, weights, exampleWindows(source), (done, total) => {
    showProgress('windows:', done, total);
  });
  addExamples(dir, examples);
  return { bundle: { name, hash }, dir, windows: examples.tokens.length / config.context };
}
