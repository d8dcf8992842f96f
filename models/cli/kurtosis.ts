/** `circuitscope kurtosis`: how much of the residual stream a few channels carry. */
import { readBundle } from '../bundles/bundle';
import { ResidualKurtosis } from '../circuits/kurtosis';
import { parseOptions, print, printJson, showProgress, UsageError, type Command } from './command';
import { table } from './format';
import { bundleDir, runtimeOptions, withRuntime } from './places';
import { allSources, eachSource } from './sources';
import type { Skipped } from '../inputFolder';

const options = { ...runtimeOptions, json: { type: 'boolean', default: false } } as const;

export const kurtosis: Command = {
  summary: 'measure the kurtosis of the residual stream, and how many nodes are active',
  help: `circuitscope kurtosis PATH… [options]

Measures the kurtosis over the channels of the residual stream, after the embedding and after every attention
and MLP: the larger it is, the fewer channels carry the stream; a normal distribution has 3. Also counts the
nodes of every site that are not zero at a token. Both are means over every token of the given files and of
the .py files and notebooks in folders, each file once.

  --bundle NAME|DIR  model, python-sparse by default
  --engine NAME      onnx, sparse or auto (default); see circuitscope trace --help
  --json             print JSON`,

  async run(args) {
    const { values, positionals } = parseOptions('kurtosis', args, options);
    if (positionals.length === 0) {
      throw new UsageError('kurtosis takes files or folders; see circuitscope kurtosis --help');
    }
    const skipped: Skipped[] = [];
    const sources = allSources(positionals, skipped);
    await withRuntime(values, async (runtime) => {
      const measured = new ResidualKurtosis(runtime, readBundle(bundleDir(values.bundle)));
      await eachSource(sources, skipped, async (texts, i) => {
        showProgress('files:', i + 1, sources.length);
        for (const text of texts) if (text !== '') await measured.add(text);
      });
      const { name, hash } = runtime.info;
      const [means, active] = [measured.means, measured.activity.means];
      if (values.json) printJson({ bundle: { name, hash }, kurtosis: means, active, skipped });
      else {
        const sites = active.map((site) => [site.site, site.active.toFixed(1), site.nodes]);
        print(
          [
            table([['place', 'kurtosis'], ...means.map((m) => [m.place, m.kurtosis.toFixed(2)])]),
            table([['site', 'not zero', 'nodes'], ...sites]),
          ].join('\n\n'),
        );
      }
    });
  },
};
