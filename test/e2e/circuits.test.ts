import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe } from 'vitest';
import { readBundle } from '../../models/bundles/bundle';
import { circuitText } from '../../models/circuits/file/circuitFile';
import { findTask } from '../../models/tasks';
import { pairsText } from '../../models/tasks/source';
import { knownTaskPairs, knownParts } from '../integration/circuits/known';
import { bundleIn } from '../integration/runtime/bundles';
import { knownCircuit } from './knownCircuitFile';
import { scene } from './scene';
import { circuitTests } from './suites/circuits';

/** Where the model is: not in the workspace, which is not trusted at first. */
const bundles = mkdtempSync(join(tmpdir(), 'circuitscope-bundles-'));
afterAll(() => {
  rmSync(bundles, { recursive: true });
});

/** A model whose circuit is known, with that circuit and one of another model. */
function prepare(): void {
  const dir = bundleIn(bundles, knownParts);
  const { name, hash } = readBundle(dir);
  mkdirSync(join(dir, 'circuits'));
  const write = (file: string, text: string) => {
    writeFileSync(join(dir, 'circuits', file), text);
  };
  const pairs = pairsText(knownTaskPairs(1, 8, 'masks'));
  const own = knownCircuit({ name, hash }, 'one_or_two.jsonl', pairs);
  write('one_or_two.json', circuitText(own));
  write('one_or_two.jsonl', pairs);
  const [first, ...edges] = own.edges;
  const invented = { ...own, edges: [{ ...first, weight: 99 }, ...edges] };
  write('invented.json', circuitText(invented));
  const other = { name: 'elsewhere', hash: 'e'.repeat(64) };
  write('stranger.json', circuitText(knownCircuit(other, 'one_or_two.jsonl', pairs)));
  write('damaged.json', '{"format": 1}');
}

const files = {
  'cause.py': 'x = [name, 1, size\n\n\nx = [name, 2, size\n',
  'long.py': 'x = [name, 1, size]\n'.repeat(20),
  'few.jsonl': pairsText(knownTaskPairs(1, 12, 'masks')),
  'many.jsonl': pairsText(findTask('if_ternary').pairs(2, 128, 'masks')),
  'broken.jsonl': `${pairsText(knownTaskPairs(1, 1, 'masks'))}{"a": 1}\n`,
};

// A VS Code of its own, because it has a model of its own.
const editor = scene(
  () => ({
    ...{ open: 'cause.py', files, prepare, asksForTrust: true },
    settings: { 'circuitscope.bundle': join(bundles, 'known') },
  }),
  [
    ...[
      /circuit of elsewhere/,
      /invented\.json: it gives the weight/,
      /the prompt has/,
      /broken\.jsonl:2/,
      /still being processed/,
    ],
    // What the editor says of our commands when it starts its extensions again.
    /is already registered/,
  ],
);

describe('circuits', () => circuitTests(editor, join(bundles, 'known')));
