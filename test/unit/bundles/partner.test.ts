/** The dense model that bridges lead to: which one it is, its sizes, and what is said when it is another. */
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readBundle } from '../../../models/bundles/bundle';
import { BundleError } from '../../../models/bundles/error';
import {
  checkPartner,
  noBridges,
  partnerFolder,
  readBridged,
} from '../../../models/bundles/partner';
import { bundleIn, identityBridges } from '../../integration/runtime/bundles';
import { sampleParts, smallest, temporaryFolder } from './sample';

const config = { ...smallest, layers: 2 };

/** A bundle bridged to a dense one beside it. */
function pair() {
  const folder = temporaryFolder();
  const dense = bundleIn(folder, { ...sampleParts(config, 2), name: 'partner' });
  const bridges = identityBridges(readBundle(dense), config);
  const sparse = bundleIn(folder, { ...sampleParts(config), name: 'bridged', bridges });
  return { folder, dense, sparse, bridges, shipped: join(folder, 'shipped') };
}

describe('the dense model that bridges lead to', () => {
  it('is the one beside the bundle', () => {
    const { dense, sparse, shipped } = pair();
    const found = readBridged(sparse, shipped, undefined);
    expect([found.sparse.name, found.dense.dir]).toEqual(['bridged', dense]);
    expect(found.sparse.bridges.name).toBe('partner');
  });

  it('is not found, or is another: only the command line tells of its option', () => {
    const { folder, dense, sparse, bridges, shipped } = pair();
    const bundle = { name: 'bridged', dir: sparse, config, bridges };
    rmSync(dense, { recursive: true });
    const missing = `bridged is bridged to partner, which was not found; put it beside ${sparse}`;
    expect(() => partnerFolder(bundle, shipped)).toThrow(new BundleError(missing));
    expect(() => readBridged(sparse, shipped, undefined)).toThrow(
      new BundleError(`${missing}, or give it with --dense`),
    );
    bundleIn(folder, { ...sampleParts(config, 5), name: 'partner' });
    const other = readBundle(dense);
    const message = (hash: string) =>
      `bridged is bridged to partner ${hash.slice(0, 12)}, but ${dense} is ${other.hash.slice(0, 12)}; put the right model beside the bridged one`;
    expect(() => {
      checkPartner(bundle, other);
    }).toThrow(new BundleError(message(bridges.hash)));
    expect(() => readBridged(sparse, shipped, undefined)).toThrow(
      new BundleError(`${message(bridges.hash)}, or give it with --dense`),
    );
    expect(() => readBridged(sparse, shipped, dense)).toThrow('is bridged to partner');
  });

  it('is the one that was given', () => {
    const { folder, dense, sparse, shipped } = pair();
    const elsewhere = join(folder, 'elsewhere');
    cpSync(dense, elsewhere, { recursive: true });
    rmSync(dense, { recursive: true });
    expect(readBridged(sparse, shipped, elsewhere).dense.dir).toBe(elsewhere);
  });

  it('has the sizes of the bridges', () => {
    const { dense, bridges } = pair();
    const own = readBundle(dense);
    const check = (sizes: Partial<typeof config>, dModel = bridges.dModel) => {
      checkPartner(
        { name: 'bridged', config, bridges: { ...bridges, dModel } },
        { ...own, config: { ...own.config, ...sizes } },
      );
    };
    expect(() => {
      check({});
    }).not.toThrow();
    const refusal = (wanted: string, found: string) =>
      `the bridges of bridged are to a dense model of ${wanted}, but ${dense} has ${found}; copy the bundle again from its source`;
    expect(() => {
      check({}, 12);
    }).toThrow(refusal('12 channels and 2 layers', '4 channels and 2 layers'));
    expect(() => {
      check({ layers: 3 });
    }).toThrow(refusal('4 channels and 2 layers', '4 channels and 3 layers'));
  });
});

it('says which model with bridges ships', () => {
  expect(noBridges('tiny').message).toBe(
    'tiny has no bridges to a dense model; choose python-bridge, or a model that circuitscope train trained with bridges',
  );
});
