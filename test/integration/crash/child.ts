/** Writes one thing over and over, each time with another number in it, until it is killed. */
import { join } from 'node:path';
import { writeBundle } from '../../../models/bundles/bundle';
import { writeCircuit } from '../../../models/circuits/file/circuitFile';
import { writeFileAtomic } from '../../../models/files';
import { Tokenizer } from '../../../models/tokenizer/tokenizer';
import { writeCheckpoint } from '../../../models/training/checkpoint';
import { saveTokenStream } from '../../../models/training/corpus/tokenStream';
import { CHECKPOINT_ENTRIES, largeCircuit, smallParts, STREAM_TOKENS, TOKENIZER } from './content';

const [what, folder, start] = process.argv.slice(2);
const writers: Record<string, (step: number) => void> = {
  text: (step) => {
    writeFileAtomic(join(folder, 'a.json'), JSON.stringify(new Array(100_000).fill(step)));
  },
  checkpoint: (step) => {
    const [weights, first, second] = [0, 1, 2].map(() =>
      new Float32Array(CHECKPOINT_ENTRIES).fill(step),
    );
    const file = join(folder, 'checkpoint.safetensors');
    const active = new Uint8Array();
    writeCheckpoint(file, { step, settings: 's', dense: '', weights, first, second, active });
  },
  bundle: (step) => {
    writeBundle(join(folder, 'bundle'), smallParts(step));
  },
  circuit: (step) => {
    writeCircuit(join(folder, 'circuit.json'), largeCircuit(step));
  },
  stream: (step) => {
    const ids = new Uint16Array(STREAM_TOKENS + step).fill(step);
    saveTokenStream(join(folder, 'train.bin'), ids, tokenizer, { step }, 'corpus');
  },
};
const tokenizer = Tokenizer.load(TOKENIZER);
const write = writers[what];
for (let step = Number(start); ; step++) {
  write(step);
  // Written when it is in place, so that whoever kills knows what must be there at least.
  process.stdout.write(`${step}\n`);
}
