import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { bundleFolder, cardFacts, shippedBundles } from '../../../extension/model/bundles';

const root = mkdtempSync(join(tmpdir(), 'circuitscope-'));
afterAll(() => {
  rmSync(root, { recursive: true });
});

/** A folder that passes for a bundle. */
function bundle(...path: string[]): string {
  const dir = join(root, ...path);
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, 'bundle.json'), '{}');
  return dir;
}
const shipped = bundle('shipped', 'python-sparse');
const own = bundle('workspace', 'bundles', 'mine');
const elsewhere = bundle('elsewhere');
const places = {
  shipped: join(root, 'shipped'),
  workspace: [join(root, 'workspace')],
  trusted: true,
};

it('finds shipped bundles by name, others by folder', async () => {
  expect(bundleFolder('python-sparse', places)).toBe(shipped);
  expect(bundleFolder('./bundles/mine', places)).toBe(own);
  expect(bundleFolder(elsewhere, places)).toBe(elsewhere);
  expect(await shippedBundles(places.shipped)).toEqual(['python-sparse']);
});

it('takes none from a workspace that is not trusted, however it is written', () => {
  const wary = { ...places, trusted: false };
  expect(() => bundleFolder('./bundles/mine', wary)).toThrow(/not trusted; trust it/);
  expect(() => bundleFolder(own, wary)).toThrow(/not trusted/);
  expect(() =>
    bundleFolder(join(root, 'elsewhere', '..', 'workspace', 'bundles', 'mine'), wary),
  ).toThrow(/not trusted/);
  expect(bundleFolder('python-sparse', { ...wary, workspace: [root] })).toBe(shipped);
  expect(bundleFolder(elsewhere, wary)).toBe(elsewhere);
});

it('says what there is when a bundle is missing', () => {
  expect(() => bundleFolder('python-dense', places)).toThrow(
    /no bundle 'python-dense'.*python-sparse/,
  );
});

it('reads the held-out loss and the dense model of a card, or none', async () => {
  const facts = async (card: string) => {
    writeFileSync(join(own, 'card.json'), card);
    return await cardFacts(own);
  };
  expect(await cardFacts(elsewhere)).toEqual({ loss: null, bridgedTo: null });
  expect(await facts('no JSON')).toEqual({ loss: null, bridgedTo: null });
  expect(await facts('{"natsPerToken":{"heldOutOrdinary":3.8}}')).toEqual({
    ...{ loss: 3.8, bridgedTo: null },
  });
  expect(await facts('{"bridges":{"dense":"big"}}')).toEqual({ loss: null, bridgedTo: 'big' });
});
