import { describe, expect, it } from 'vitest';
import { NodeSet } from '../../../models/transformer/nodeSet';
import { NodeGates } from '../../../models/circuits/search/gates';
import { mended } from '../../../models/circuits/search/mend';
import { tinyConfig } from '../../support/models';

const all = new NodeGates(NodeSet.all(tinyConfig()), false);
const start = all.filter((gate) => gate < 3);

/** A core that random parts break unless it has some gates, and an adversary unless it has others, of which slopes tell. */
function breaking(
  needed: readonly number[],
  {
    attacked = [],
    keeps = () => true,
  }: { readonly attacked?: readonly number[]; readonly keeps?: (gates: NodeGates) => boolean } = {},
) {
  const hasAll = (core: NodeSet, gates: readonly number[]) => {
    const names = core.names();
    return Promise.resolve(gates.every((gate) => names.includes(all.names[gate])));
  };
  const both = [...needed, ...attacked];
  let drawn = 0;
  const options = {
    all,
    putBack: {
      attack: (core: NodeSet) => hasAll(core, attacked),
      drawHardest: (core: NodeSet) => {
        drawn++;
        return hasAll(core, needed);
      },
      helps: () =>
        Promise.resolve(Float64Array.from(all.names, (_, gate) => (both.includes(gate) ? 1 : 0))),
      keeps: (core: NodeSet) => hasAll(core, both),
    },
    keeps: (gates: NodeGates) => Promise.resolve(keeps(gates)),
    expired: () => false,
  };
  return { options, drawn: () => drawn };
}

describe('mending', () => {
  it('leaves a core that nothing new breaks', async () => {
    const { options, drawn } = breaking([]);
    expect((await mended(start, options)).names).toEqual(start.names);
    expect(drawn()).toBe(1);
  });

  it('adds as few of the nodes that help as are enough, and draws again', async () => {
    const needed = [30, 31, 40, 41, 50];
    const { options, drawn } = breaking(needed);
    const { names } = await mended(start, options);
    expect(names).toEqual(
      expect.arrayContaining([...start.names, ...needed.map((i) => all.names[i])]),
    );
    expect(names).toHaveLength(3 + 5);
    expect(drawn()).toBe(2);
  });

  it('adds what an adversary makes needed', async () => {
    const { options } = breaking([], { attacked: [30, 31] });
    const { names } = await mended(start, options);
    expect(names).toEqual(expect.arrayContaining([all.names[30], all.names[31]]));
  });

  it('adds nothing where more than half of the rest is needed', async () => {
    const { options } = breaking([...all.names.keys()].filter((gate) => gate % 5 > 0));
    expect((await mended(start, options)).names).toEqual(start.names);
  });

  it('adds nothing with which the goal is lost, and nothing when no time is left', async () => {
    const { options } = breaking([30], { keeps: (gates) => gates.count <= 3 });
    expect((await mended(start, options)).names).toEqual(start.names);
    const late = { ...breaking([30]).options, expired: () => true };
    expect((await mended(start, late)).names).toEqual(start.names);
  });
});
