import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, it, vi } from 'vitest';
import { decodeSafetensors } from '../../../models/bundles/safetensors';
import { Rng } from '../../../models/random';
import { Tokenizer } from '../../../models/tokenizer/tokenizer';
import { idiomStream } from '../../../models/training/data';
import { writeRunFolder } from '../../../models/training/torch/runFolder';
import { WINDOWS_FILE } from '../../../models/training/torch/windowsFile';
import { trainingConfig } from '../../support/training';

/** The streams as they are before they are packed. */
const packed = vi.hoisted((): Uint16Array[] => []);
vi.mock('../../../models/training/torch/pack', () => ({
  packTokens: (ids: Uint16Array) => {
    packed.push(ids);
    return Promise.resolve(new Uint8Array());
  },
}));
beforeEach(() => {
  packed.length = 0;
});

const dir = mkdtempSync(join(tmpdir(), 'circuitscope-torch-'));
afterAll(() => {
  rmSync(dir, { recursive: true });
});

const tokenizerJson: unknown = JSON.parse(
  readFileSync('models/bundles/python-sparse/tokenizer.json', 'utf8'),
);
const tokenizer = Tokenizer.fromJson(tokenizerJson);
const NAMES = /\b(socket_address|payload_size)\b/;

/** Text of a run's folder: of its streams, and of the windows that the model is measured on. */
async function textsOf(name: string, identifiers?: readonly string[]) {
  const model = { vocab: tokenizer.vocabSize, context: 64, bigram: 'none' as const };
  const [trainStream, heldOutStream] = ['train', 'held out'].map((part) =>
    idiomStream(tokenizer, new Rng(part), 3000),
  );
  const out = join(dir, name);
  await writeRunFolder({
    config: trainingConfig({}, model),
    prepared: {
      data: {
        ...{ trainStream, heldOutStream, tokenizerJson, fixed: new Map() },
        ...(identifiers && { identifiers }),
      },
      ...{ corpus: { packages: [] }, newerStream: null },
    },
    ...{ from: null, tokens: { ordinary: 5000, generated: 5000 }, command: '', out },
    programs: 'models/training/torch',
  });
  const { tensors } = decodeSafetensors(readFileSync(join(out, WINDOWS_FILE)), WINDOWS_FILE);
  const window = (part: string) => tokenizer.decode(Int32Array.from(tensors.get(part)!.data));
  const [ordinary, generated] = packed.splice(0).map((ids) => tokenizer.decode(ids));
  return {
    ...{ ordinary, generated, means: window('card.means') },
    heldOut: window('heldOut.idioms') + window('card.idioms'),
  };
}

it('a folder for PyTorch trains on programs that have names of the corpus, and measures on those that have none', async () => {
  const wide = await textsOf('wide', ['socket_address', 'payload_size']);
  expect(wide.generated).toMatch(NAMES);
  expect(wide.means).toMatch(NAMES);
  expect(wide.ordinary + wide.heldOut).not.toMatch(NAMES);
  const plain = await textsOf('plain');
  expect(plain.generated + plain.means).not.toMatch(NAMES);
});
