/** Where a node's label holds in a text, and how its activation agrees. */
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { agreementOf } from '../../../extension/decorations/agreement';
import type { Label, Labels } from '../../../models/bundles/labels';
import { labelPlaces } from '../../../models/runtime/labelPlaces';
import { Lazy } from '../../../models/engines/lazy';
import { TextTokens } from '../../../models/inference/textTokens';
import { PythonParser } from '../../../models/syntax/parser';
import { Tokenizer } from '../../../models/tokenizer/tokenizer';

const tokenizer = Tokenizer.load(join('models', 'bundles', 'python-sparse', 'tokenizer.json'));
const parser = new Lazy(() => PythonParser.load());
afterAll(() => parser.release());

const label = (terms: number[], correlation: number): Label => ({
  ...{ terms, threshold: 2, correlation, auroc: 1, f1: 1, precision: 1, recall: 1, strongest: 0.9 },
  ...{ tokenOnly: 0, causal: null },
});
const labels = {
  concepts: ['inside a string', 'comma'],
  nodes: {
    // Inside a string and no comma, told by negative activations, and worse by positive ones.
    told: { negative: label([1, -2], 0.8), positive: label([2], 0.5) },
    stale: { positive: label([3], 0.5) },
  },
} as unknown as Labels;
const engine = {
  ...{ labels, parser },
  tokensOf: (text: string) => new TextTokens(tokenizer.encode(text), tokenizer.endOfText, 256),
};
const text = 'f("a, b", c)\n';
const tokens = (flags: Uint8Array) => {
  const { starts, ends } = tokenizer.encode(text);
  return [...flags].flatMap((flag, i) => (flag === 1 ? [text.slice(starts[i], ends[i])] : []));
};

it('holds at the tokens of the better told sign, negated terms too', async () => {
  const places = await labelPlaces(engine, { text, node: 'told' });
  expect(places).toMatchObject({ sign: 'negative', threshold: 2 });
  expect(places!.label).toBe('inside a string and not comma');
  const held = tokens(places!.holds);
  expect(held).toContain('a');
  expect(held).toContain(' b');
  expect(held).not.toContain(',');
  expect(held).not.toContain(' c');
});

it('holds of one concept of a sign alone, as the node was found by it', async () => {
  const picked = { concept: 'comma', sign: 'negative' } as const;
  const places = await labelPlaces(engine, { text, node: 'told', picked });
  expect(places).toMatchObject({ sign: 'negative', label: 'comma' });
  expect(tokens(places!.holds).every((token) => token.includes(','))).toBe(true);
  expect(tokens(places!.holds).length).toBeGreaterThan(0);
  const other = { ...picked, sign: 'positive' } as const;
  expect(await labelPlaces(engine, { text, node: 'told', picked: other })).toMatchObject({
    sign: 'positive',
  });
  expect(await labelPlaces(engine, { text, node: 'stale', picked })).toBeNull();
});

it('says that a node has no label, and that one is of another version', async () => {
  expect(await labelPlaces(engine, { text, node: '0.attn.q.1' })).toBeNull();
  expect(await labelPlaces({ ...engine, labels: null }, { text, node: 'told' })).toBeNull();
  const newer = { ...labels, concepts: ['inside a string', 'comma', 'nonsense'] };
  await expect(labelPlaces({ ...engine, labels: newer }, { text, node: 'stale' })).rejects.toThrow(
    "there is no concept 'nonsense' in this version",
  );
});

it('counts where label and node agree and differ', () => {
  const places = { sign: 'negative', label: 'x', threshold: 2 } as const;
  const holds = Uint8Array.of(1, 1, 0, 1, 1, 0, 0);
  const scan = { start: 1, values: Float32Array.of(-2, -5, -1.9, 3, -2.5, 0) };
  // Tokens 1 to 6: told there, told without it, held and not told, held with the other sign, told, neither.
  expect(agreementOf(scan, { ...places, holds })).toEqual({
    ...{ both: 1, labelOnly: 2, nodeOnly: 2 },
    holds: [
      { level: 1, start: 1, end: 2 },
      { level: 1, start: 3, end: 5 },
    ],
  });
});
