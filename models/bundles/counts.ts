/** How sparse a model's parameters are. */
import type { TransformerConfig } from '../transformer/config';
import { isSparse } from '../graph/sparse';
import { parameterSpecs, type Weights } from '../transformer/parameters';
import { storedArray } from '../transformer/storedWeights';

/** Entries of one array or of many. */
export interface Count {
  readonly total: number;
  readonly nonzero: number;
  /** nonzero / total, the L0 fraction. */
  readonly fraction: number;
}

/** Entries of one parameter. */
export interface ParameterCount extends Count {
  readonly name: string;
  readonly shape: readonly number[];
}

/** Entries of every parameter, in the order of the specs, and of all together. */
export interface ParameterCounts extends Count {
  readonly parameters: readonly ParameterCount[];
}

/** Counts the weights of a model, of a bundle for instance. */
export function parameterCounts(model: {
  readonly config: TransformerConfig;
  readonly weights: Weights;
}): ParameterCounts {
  const parameters = parameterSpecs(model.config).map(({ name, shape }): ParameterCount => {
    const data = storedArray(model.weights, name);
    if (!data) throw new Error(`no parameter '${name}'; pass weights made for this config`);
    let nonzero = 0;
    for (const value of isSparse(data) ? data.values : data) if (value !== 0) nonzero++;
    return { name, shape, ...count(data.length, nonzero) };
  });
  const sum = (key: 'total' | 'nonzero') => parameters.reduce((all, one) => all + one[key], 0);
  return { parameters, ...count(sum('total'), sum('nonzero')) };
}

function count(total: number, nonzero: number): Count {
  return { total, nonzero, fraction: nonzero / total };
}
