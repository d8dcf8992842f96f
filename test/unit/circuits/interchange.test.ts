/** Texts of unequal length, one's activations in the other: positions correspond counted from the end. */
import { describe, expect, it } from 'vitest';
import { NodeSet } from '../../../models/transformer/nodeSet';
import { editsFrom } from '../../../models/circuits/proof/interchange';
import { siteWidth } from '../../../models/transformer/config';
import { allSites } from '../../../models/transformer/nodes';
import { tinyConfig } from '../../support/models';

const config = tinyConfig();
const NODE = 5;
const SITE = '0.attn.v';
const nodes = NodeSet.named(config, [`${SITE}.${NODE}`]);
/** Activations of a text: at every position its number from 1, of every node. */
const textOf = (length: number) => ({
  length,
  sites: new Map(
    allSites(config).map(({ name, site }) => {
      const width = siteWidth(config, site);
      const at = (_: unknown, i: number) => 1 + Math.floor(i / width);
      return [name, Float32Array.from({ length: length * width }, at)];
    }),
  ),
});

/** What becomes of the node's activation at each position of a text: its own, or another's. */
function swapped(length: number, other: number): (number | 'own')[] {
  const { keep, add } = editsFrom(nodes, length, textOf(other)).get(SITE)!;
  const width = keep.length / length;
  return Array.from({ length }, (_, position) => {
    const at = position * width + NODE;
    expect([0, 1]).toContain(keep[at]);
    return keep[at] === 1 ? 'own' : add[at];
  });
}

describe('the activations of another text', () => {
  it.each([
    [4, 4, [1, 2, 3, 4]],
    [3, 5, [3, 4, 5]],
    [5, 3, ['own', 'own', 1, 2, 3]],
  ])('stand in a text of %d tokens, taken from one of %d, by their ends', (own, other, found) => {
    expect(swapped(own, other)).toEqual(found);
  });

  it('are put at no other node or site', () => {
    const edits = editsFrom(nodes, 5, textOf(3));
    const changed = [...edits].flatMap(([site, { keep }]) =>
      [...keep].flatMap((value, at) => (value === 1 ? [] : [`${site}.${at % (keep.length / 5)}`])),
    );
    expect(new Set(changed)).toEqual(new Set([`${SITE}.${NODE}`]));
  });
});
