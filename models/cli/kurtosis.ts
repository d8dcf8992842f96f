/** `circuitscope kurtosis`: how much of the residual stream a few channels carry. */
import { readBundle } from '../bundles/bundle';
import { ResidualKurtosis } from '../circuits/kurtosis';
import { parseOptions, print, printJson, showProgress, UsageError, type Command } from './command';
import { table } from './format';
import { bundleDir, bundleOption, withRuntime } from './places';
import { sourcesOf, textOf } from './sources';

const options = { ...bundleOption, json: { type: 'boolean', default: false } } as const;

export const kurtosis: Command = {
  summary: 'how much of the residual stream a few channels carry',
  help: `circuitscope kurtosis PATH… [options]

Kurtosis over the channels of the residual stream, mean over every token of files and of the .py
files in folders, after the embedding and after every attention and MLP. 3 is a normal distribution.

  --bundle NAME|DIR  model, python-sparse by default
  --json             print JSON`,

  async run(args) {
    const { values, positionals } = parseOptions('kurtosis', args, options);
    if (positionals.length === 0) {
      throw new UsageError('kurtosis takes files or folders; see circuitscope kurtosis --help');
    }
    const sources = positionals.flatMap(sourcesOf);
    await withRuntime(values.bundle, async (runtime) => {
      const measured = new ResidualKurtosis(runtime, readBundle(bundleDir(values.bundle)));
      for (const [i, source] of sources.entries()) {
        showProgress('files:', i + 1, sources.length);
        const text = textOf(source);
        if (text) await measured.add(text);
      }
      const { name, hash } = runtime.info;
      if (values.json) printJson({ bundle: { name, hash }, kurtosis: measured.means });
      else print(table(measured.means.map(({ place, kurtosis: k }) => [place, k.toFixed(2)])));
    });
  },
};
