/**
 * The most memory that importing a model of another project takes, and a hover and an ablation on it
 * afterwards: random models of the shapes of csp_yolo1 and csp_yolo2, as large on disk.
 *
 *   npm run bench -- importMemory
 */
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Rng } from '../../models/random';
import { parseTokenizerJson } from '../../models/tokenizer/tokenizerJson';
import { figure } from './paired';
import { benchmark } from './start';

const CLI = 'dist/cli.js';
const TOKENIZER = 'models/bundles/python-sparse/tokenizer.json';
const TEXT = 'samples/inventory.py';
const [VOCAB, ROWS] = [2048, 1024];
/** Writes the largest resident memory of its process (kB) where PEAK says, whatever the process does. */
const WATCH =
  "data:text/javascript,import{writeFileSync}from'node:fs';import{isMainThread}from'node:worker_threads';" +
  "if(isMainThread)process.on('exit',()=>writeFileSync(process.env.PEAK,String(process.resourceUsage().maxRSS)))";

interface Shape {
  readonly name: string;
  readonly layers: number;
  readonly dModel: number;
  readonly heads: number;
  readonly dHead: number;
  readonly dMlp: number;
  /** Width of positions beside every read; null where they are added. */
  readonly beside: number | null;
  readonly sinks: boolean;
  readonly afrac: number | null;
  /** Numbers that are not zero, the bigram table apart. */
  readonly nonzeros: number;
  readonly target: string;
}

const SHAPES: readonly Shape[] = [
  {
    ...{ name: 'csp_yolo1', layers: 12, dModel: 1024, heads: 128, dHead: 8, dMlp: 4096 },
    ...{ beside: null, sinks: false, afrac: null, nonzeros: 0.66e6, target: 'below 2' },
  },
  {
    ...{ name: 'csp_yolo2', layers: 8, dModel: 2048, heads: 128, dHead: 16, dMlp: 8192 },
    ...{ beside: 32, sinks: true, afrac: 0.25, nonzeros: 5.8e6, target: 'below 4' },
  },
];

/** Every array by name: its shape, and whether it is a matrix that is mostly zero. */
function arraysOf(shape: Shape): Map<string, { shape: number[]; matrix: boolean }> {
  const { layers, dModel, dMlp, heads, dHead, beside, sinks } = shape;
  const [n, read] = [heads * dHead, dModel + (beside ?? 0)];
  const arrays = new Map<string, { shape: number[]; matrix: boolean }>();
  const matrix = (name: string, rows: number, columns: number) =>
    arrays.set(name, { shape: [rows, columns], matrix: true });
  const vector = (name: string, size: number) => arrays.set(name, { shape: [size], matrix: false });
  matrix('transformer.wte.weight', VOCAB, dModel);
  matrix('transformer.wpe.weight', ROWS, beside ?? dModel);
  for (let layer = 0; layer < layers; layer++) {
    const h = `transformer.h.${layer}`;
    for (const i of [1, 2]) {
      vector(`${h}.ln_${i}.weight`, dModel);
      if (beside !== null) vector(`${h}.ln_p${i}.weight`, beside);
    }
    for (const [name, to, from] of [
      ['attn.c_attn', 3 * n, read],
      ['attn.c_proj', dModel, n],
      ['mlp.c_fc', dMlp, read],
      ['mlp.c_proj', dModel, dMlp],
    ] as const) {
      matrix(`${h}.${name}.weight`, to, from);
      vector(`${h}.${name}.bias`, to);
    }
    if (sinks) vector(`${h}.attn.attn_imp.sink_logit`, heads);
  }
  vector('transformer.ln_f.weight', dModel);
  matrix('lm_head.weight', VOCAB, dModel);
  arrays.set('bigram_table', { shape: [VOCAB, VOCAB], matrix: false });
  return arrays;
}

const product = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

/** Writes the model, one array at a time, and says how many numbers it has and how many are not zero. */
function writeModel(folder: string, shape: Shape): { numbers: number; nonzeros: number } {
  const { layers, heads, dModel, dHead, dMlp, beside, sinks, afrac } = shape;
  const config = {
    ...{ block_size: ROWS, vocab_size: VOCAB, n_layer: layers, n_head: heads, d_model: dModel },
    ...{ d_head: dHead, d_mlp: dMlp, rms_norm: true, tied_unembed: false, d_pos_emb: beside },
    ...{ enable_bigram_table: true, sink: sinks, afrac },
    afrac_loctypes: 'attn_in,attn_out,mlp_in,mlp_out,mlp_neuron,attn_k,attn_q,attn_v',
  };
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
  const arrays = arraysOf(shape);
  const inMatrices = [...arrays.values()].filter(({ matrix }) => matrix);
  const density = shape.nonzeros / inMatrices.reduce((sum, { shape }) => sum + product(shape), 0);
  let end = 0;
  const header = Object.fromEntries(
    [...arrays].map(([name, { shape }]) => {
      const start = end;
      end += 4 * product(shape);
      return [name, { dtype: 'F32', shape, data_offsets: [start, end] }];
    }),
  );
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  const file = openSync(join(folder, 'model.safetensors'), 'w');
  const found = { numbers: 0, nonzeros: 0 };
  try {
    writeSync(file, Buffer.concat([length, text]));
    for (const [name, { shape, matrix }] of arrays) {
      const rng = new Rng('memory', name);
      const data = new Float32Array(product(shape));
      if (!matrix)
        for (let i = 0; i < data.length; i++) data[i] = shape.length === 1 ? 1 : rng.normal();
      else {
        // As large together as dense ones, so that activations stay of one size.
        const scale = (density * shape[1]) ** -0.5;
        for (let left = Math.ceil(density * data.length); left > 0; left--) {
          data[Math.floor(rng.next() * data.length)] = rng.normal() * scale;
        }
      }
      for (let from = 0; from < data.byteLength;) {
        from += writeSync(file, Buffer.from(data.buffer, from));
      }
      found.numbers += data.length;
      for (const value of data) if (value !== 0) found.nonzeros++;
    }
  } finally {
    closeSync(file);
  }
  return found;
}

/** The shipped tokenizer in the files that theirs has. */
function writeTokenizer(folder: string): void {
  const { model, added_tokens: added } = parseTokenizerJson(
    JSON.parse(readFileSync(TOKENIZER, 'utf8')),
  );
  const all = [...added.map(({ content, id }) => [content, id]), ...Object.entries(model.vocab)];
  writeFileSync(join(folder, 'encoder.json'), JSON.stringify(Object.fromEntries(all)));
  const merges = model.merges.map((pair) => pair.join(' '));
  writeFileSync(join(folder, 'vocab.bpe'), ['#version: 0.2', ...merges, ''].join('\n'));
}

/** Largest resident memory (GB) of a command. */
function peak(folder: string, ...args: readonly string[]): number {
  const file = join(folder, 'peak');
  execFileSync(process.execPath, ['--import', WATCH, CLI, ...args], {
    env: { ...process.env, PEAK: file },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return (Number(readFileSync(file, 'utf8')) * 1024) / 1e9;
}

benchmark(() => {
  for (const shape of SHAPES) {
    const folder = mkdtempSync(join(tmpdir(), 'circuitscope-memory-'));
    try {
      const { numbers, nonzeros } = writeModel(folder, shape);
      writeTokenizer(folder);
      const out = join(folder, 'bundle');
      const place = [TEXT, '--line', '12', '--column', '20', '--bundle', out];
      const counts = `${(numbers / 1e6).toFixed(1)} M numbers, ${(nonzeros / 1e6).toFixed(1)} M of them not zero`;
      const measure = (what: string, ...args: readonly string[]) => {
        const name = `${what}, a random model of the shape of ${shape.name}: ${counts}`;
        const common = { bench: 'importMemory', unit: 'GB', target: shape.target };
        figure({ ...common, name }, [peak(folder, ...args)]);
      };
      measure('import', 'import', folder, '--out', out);
      measure('effects at a token, as a hover asks', 'trace', ...place, '--effects');
      measure('an ablation', 'trace', ...place, '--ablate', '2.mlp.post_act.7');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  return Promise.resolve();
});
