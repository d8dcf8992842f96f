import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe } from 'vitest';
import { readBundle } from '../../models/bundles/bundle';
import { circuitText } from '../../models/circuits/circuitFile';
import { pairsText } from '../../models/tasks/source';
import { knownBundle, knownPairs } from '../integration/circuits/known';
import { bundleIn } from '../integration/runtime/bundles';
import { knownCircuit } from './knownCircuitFile';
import { scene } from './scene';
import { circuitTests } from './suites/circuits';

/** A model in the workspace whose circuit is known, with that circuit and one of another model. */
function prepare(folder: string): void {
  const { name, config, weights, means, tokenizerJson, card } = knownBundle;
  const parts = {
    name,
    config,
    weights,
    means,
    tokenizerJson: JSON.stringify(tokenizerJson),
    card,
  };
  const dir = bundleIn(join(folder, 'bundles'), parts);
  const { hash } = readBundle(dir);
  mkdirSync(join(dir, 'circuits'));
  const write = (file: string, text: string) => {
    writeFileSync(join(dir, 'circuits', file), text);
  };
  const pairs = pairsText(knownPairs.pairs(1, 8, 'train'));
  write('one_or_two.json', circuitText(knownCircuit({ name, hash }, 'one_or_two.jsonl', pairs)));
  write('one_or_two.jsonl', pairs);
  const other = { name: 'elsewhere', hash: 'e'.repeat(64) };
  write('stranger.json', circuitText(knownCircuit(other, 'one_or_two.jsonl', pairs)));
  write('damaged.json', '{"format": 1}');
}

const files = {
  '.vscode/settings.json': JSON.stringify({ 'circuitscope.bundle': './bundles/known' }),
  'cause.py': 'x = [name, 1, size\n\n\nx = [name, 2, size\n',
  'long.py': 'x = [name, 1, size]\n'.repeat(20),
  'broken.jsonl': `${pairsText(knownPairs.pairs(1, 1, 'train'))}{"a": 1}\n`,
};

// A VS Code of its own, because it has a model of its own.
const editor = scene(
  () => ({ open: 'cause.py', files, prepare }),
  [/circuit of elsewhere/, /the prompt has/, /broken\.jsonl:2/],
);

describe('circuits', () => circuitTests(editor));
