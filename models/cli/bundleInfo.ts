/** `circuitscope bundle info`: sizes and sparsity of a bundle, counted from its weights. */
import { readBundle, resolveBundle } from '../bundles/bundle';
import { parameterCounts, type ParameterCounts } from '../bundles/counts';
import type { TransformerConfig } from '../transformer/config';
import { parseOptions, print, printJson, UsageError, type Command } from './command';
import { percent, table } from './format';
import { bundlesDir } from './places';

const options = { json: { type: 'boolean', default: false } } as const;

/** The JSON that the command prints. */
interface Report {
  bundle: { name: string; hash: string };
  config: TransformerConfig;
  parameters: ParameterCounts;
}

export const bundle: Command = {
  summary: 'sizes and sparsity of a bundle',
  help: `circuitscope bundle info NAME|DIR [--json]

Checks a bundle's files and prints its configuration and how many of its weights are not zero.`,

  run(args) {
    const { values, positionals } = parseOptions('bundle', args, options);
    const [what, nameOrDir] = positionals;
    if (what !== 'info' || nameOrDir === undefined || positionals.length > 2) {
      throw new UsageError('write: circuitscope bundle info NAME|DIR');
    }
    const { name, hash, config, weights } = readBundle(resolveBundle(nameOrDir, bundlesDir()));
    const parameters = parameterCounts({ config, weights });
    const report = { bundle: { name, hash }, config, parameters };
    if (values.json) printJson(report);
    else print(readable(report));
    return Promise.resolve();
  },
};

function readable({ bundle, config, parameters }: Report): string {
  const settings = Object.entries(config).map(([key, value]) => [
    key,
    typeof value === 'object' ? JSON.stringify(value) : String(value),
  ]);
  const rows = [...parameters.parameters, { name: 'all', shape: [], ...parameters }].map(
    ({ name, shape, nonzero, total, fraction }) => [
      name,
      shape.join(' × '),
      nonzero,
      total,
      percent(fraction),
    ],
  );
  return [
    `${bundle.name}\n${bundle.hash}`,
    table(settings),
    table([['parameter', 'shape', 'nonzero', 'of', 'fraction'], ...rows]),
  ].join('\n\n');
}
