import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readBundle } from '../../../models/bundles/bundle';
import { importModel, type ImportOptions } from '../../../models/import/importModel';
import { checkMemory, memoryNeeded, sampledShare } from '../../../models/import/memory';
import { ModelFolder } from '../../../models/import/modelFolder';
import { configOf, parseOpenAiConfig } from '../../../models/import/openaiConfig';
import { readTokenizer } from '../../../models/import/tokenizerFiles';
import { Tokenizer } from '../../../models/tokenizer/tokenizer';
import { activationSites } from '../../../models/transformer/nodes';
import { fileOf } from './archive';
import { FIXTURES, silent } from './fixtures';

const TOKENIZER = join(FIXTURES, 'openai-tokenizer');
const SINK = join(FIXTURES, 'openai-sink');

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'import-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

const optionsFor = (out: string, more: Partial<ImportOptions> = {}): ImportOptions => ({
  ...{ folder: SINK, out, corpus: [], tokenizer: TOKENIZER, date: '2026-01-02' },
  ...more,
});

describe('an imported model', () => {
  it('is a bundle with tokenizer, means and a card of where it came from', async () => {
    const out = join(temporary(), 'b');
    const said = new Set<string>();
    const control = { ...silent, progress: (what: string) => void said.add(what) };
    const { numbers } = await importModel(optionsFor(out), control);
    const bundle = readBundle(out);
    expect(bundle.name).toBe('openai-sink');
    expect(numbers).toBe(123_304);
    expect(bundle.card).toMatchObject({
      license: 'apache-2.0',
      source: { project: 'openai/circuit_sparsity', imported: '2026-01-02' },
      files: [
        { name: 'beeg_config.json', bytes: 648 },
        { name: 'final_model.pt', bytes: 503_505, sha256: expect.stringMatching(/^39df62ab/) },
      ],
    });
    expect(said).toContain('windows run for the means of nodes');
    for (const { name } of activationSites(bundle.config)) {
      expect(
        bundle.means.get(name)!.some((mean) => mean !== 0),
        name,
      ).toBe(true);
    }
    const { weights } = await ModelFolder.open(SINK).read(silent);
    for (const [name, data] of weights) expect(bundle.weights.get(name), name).toEqual(data);
  });

  it('takes the tokenizer from a release’s folder, and means over the text that it is given', async () => {
    const release = temporary();
    cpSync(SINK, join(release, 'models', 'tiny'), { recursive: true });
    cpSync(TOKENIZER, join(release, 'tinypython'), { recursive: true });
    const corpus = join(release, 'text');
    cpSync(join(FIXTURES, '..', '..', 'samples'), corpus, { recursive: true });
    const folder = join(release, 'models', 'tiny');
    const out = join(release, 'b');
    await importModel(optionsFor(out, { folder, tokenizer: null, corpus: [corpus] }), silent);
    const { card, name } = readBundle(out);
    expect(name).toBe('tiny');
    expect(card.meansOver).toMatch(/^\d+ windows of 24 tokens of \d+ Python files of text$/);
  });

  it('leaves nothing behind when it is cancelled, at whatever point', async () => {
    let points = 0;
    const counting = { ...silent, pause: () => Promise.resolve(void points++) };
    const all = temporary();
    await importModel(optionsFor(join(all, 'b')), counting);
    for (const at of [0, 1, Math.floor(points / 2), points - 1]) {
      const out = join(temporary(), 'b');
      let passed = 0;
      const pause = () =>
        passed++ === at ? Promise.reject(new Error('cancelled')) : Promise.resolve();
      await expect(importModel(optionsFor(out), { ...silent, pause })).rejects.toThrow('cancelled');
      expect(existsSync(out)).toBe(false);
    }
  });

  it.each<[string, Partial<ImportOptions>, RegExp]>([
    [
      'a folder without a model',
      { folder: TOKENIZER },
      /has no model; give a folder with beeg_config/,
    ],
    ['no tokenizer near it', { tokenizer: null }, /no vocab.bpe and encoder.json in/],
    [
      'a tokenizer of another size',
      { folder: join(FIXTURES, 'openai-dense') },
      /has 288 tokens, but openai-dense has 64/,
    ],
    [
      'a model that cannot be run',
      { folder: join(FIXTURES, 'openai-other') },
      /asks for LayerNorm/,
    ],
    ['a folder that holds something else', { out: FIXTURES }, /exists and is not a bundle/],
    ['a corpus that is not there', { corpus: ['/nowhere'] }, /nowhere does not exist/],
  ])('is refused with %s', async (_, more, says) => {
    const options = optionsFor(join(temporary(), 'b'), more);
    await expect(importModel(options, silent)).rejects.toThrow(says);
  });

  it('is refused before it is read where memory will not suffice', () => {
    const dense = { numbers: 419_122_688, largest: 17_039_360, nonzeroShare: 1 };
    expect(() => {
      checkMemory('csp', dense, 2e9);
    }).toThrow(
      /csp has 419,122,688 numbers, which take \d+\.\d GB of memory, but only 2.0 GB is free/,
    );
    const small = { numbers: 1000, largest: 100, nonzeroShare: 1 };
    expect(() => {
      checkMemory('csp', small, memoryNeeded(small));
    }).not.toThrow();
    // Of a sparse model only what is not zero counts.
    expect(() => {
      checkMemory('csp', { ...dense, nonzeroShare: 1 / 40 }, 2e9);
    }).not.toThrow();
  });

  it.each([0, 1 / 32, 0.5, 1])(
    'has a share of %d that is not zero, by a sample of its file',
    (share) => {
      const every = share === 0 ? Infinity : Math.round(1 / share);
      const numbers = Float32Array.from({ length: 2 ** 20 }, (_, i) =>
        i % every === 0 ? 0.01 : 0,
      );
      if (share === 0) numbers[0] = 0;
      const file = fileOf(Buffer.from(numbers.buffer));
      expect(sampledShare(file)).toBeCloseTo(share, 2);
    },
  );

  it('takes what importing such models was measured to take, and not twice as much', () => {
    // Peak of the process (GB), of models with random weights: numbers, of the largest array, share, peak.
    const measured = [
      [51_976_704, 4_194_304, 0.033, 0.61],
      [103_271_424, 4_194_304, 0.032, 0.6],
      [160_568_320, 4_194_304, 0.031, 0.83],
      [26_329_344, 4_194_304, 1, 0.98],
      [51_976_704, 4_194_304, 1, 1.13],
    ] as const;
    for (const [numbers, largest, nonzeroShare, peak] of measured) {
      const said = memoryNeeded({ numbers, largest, nonzeroShare }) / 1e9;
      expect(said).toBeGreaterThan(peak);
      expect(said).toBeLessThan(1.6 * peak);
    }
  });

  it.skipIf(process.platform === 'win32')(
    'is refused, and not waited for, where it is a pipe',
    () => {
      const folder = temporary();
      cpSync(join(SINK, 'beeg_config.json'), join(folder, 'beeg_config.json'));
      execFileSync('mkfifo', [join(folder, 'final_model.pt')]);
      expect(() => ModelFolder.open(folder).size).toThrow(
        /final_model.pt is not a regular file; give/,
      );
    },
  );

  it('is refused when an array is missing, has another shape or is of no use', async () => {
    const folder = temporary();
    cpSync(SINK, folder, { recursive: true });
    const file = join(folder, 'beeg_config.json');
    const config = JSON.parse(readFileSync(file, 'utf8')) as object;
    const read = (change: object) => {
      writeFileSync(file, JSON.stringify({ ...config, ...change }));
      return ModelFolder.open(folder).read(silent);
    };
    await expect(read({ n_layer: 3 })).rejects.toThrow(/lacks 'transformer.h.2.ln_1.weight'/);
    await expect(read({ n_layer: 1 })).rejects.toThrow(
      /has 'transformer.h.1.*not part of the model/,
    );
    await expect(read({ d_mlp: 95 })).rejects.toThrow(/has shape \[96, ?32\] instead of \[95/);
    await expect(read({ n_layer: 1000 })).rejects.toThrow(/lacks/);
    await expect(read({ n_layer: 1024, d_model: 65536 })).rejects.toThrow(/the model is too large/);
    await expect(read({ sink: false })).rejects.toThrow(/sink_logit', which is not part/);
  });
});

describe('a configuration of theirs', () => {
  const sink = JSON.parse(readFileSync(join(SINK, 'beeg_config.json'), 'utf8')) as object;
  const parsed = (change: object) =>
    configOf(parseOpenAiConfig({ ...sink, ...change }, 'c.json'), 'c.json');

  it('keeps floor(fraction · width) channels at the places it lists, and all at others', () => {
    const { activationCount } = parsed({ d_pos_emb: 6, afrac_loctypes: 'attn_in,mlp_neuron' });
    expect(activationCount).toMatchObject({ 'attn.act_in': 9, 'mlp.post_act': 24, 'attn.q': 32 });
    expect(parsed({ afrac: null }).activationCount).toBeUndefined();
  });

  it('has a context of 256 tokens, which its models were trained on', () => {
    expect(parsed({ block_size: 1024 }).context).toBe(256);
  });

  it('may have keys without effect, at values that have none', () => {
    const harmless = {
      rtopk: false,
      pfrac: 0.1,
      mup: false,
      mup_width_multiplier: 3,
      n_embd: null,
    };
    expect(parsed(harmless)).toEqual(parsed({}));
  });

  it.each<[object, RegExp]>([
    [{ rms_norm: false }, /asks for LayerNorm/],
    [{ residual_activation_type: 'relu' }, /asks for ReLU on the residual stream/],
    [{ afrac_loctypes: 'attn_in,resid_post_mlp' }, /asks for AbsTopK at resid_post_mlp/],
    [{ afrac_loctypes: 'attn_in,__proto__' }, /'__proto__' is not a known place/],
    [{ afrac: 0.001 }, /AbsTopK with k = 0 at attn_in/],
    [{ mup: true }, /asks for 'mup' of true/],
    [{ bigram_table_rank: 4 }, /asks for 'bigram_table_rank' of 4/],
    [{ n_experts: 2 }, /has 'n_experts', which this version does not know/],
    [{ n_layer: 'two' }, /c.json, n_layer: /],
    [{ activation_type: 'silu' }, /c.json, activation_type: /],
    [
      { d_model: 4096, n_head: 128, d_head: 32, d_mlp: 16384, n_layer: 8, vocab_size: 2048 },
      /too large/,
    ],
  ])('is refused with %j', (change, says) => {
    expect(() => parsed(change)).toThrow(says);
  });

  it('of another project is refused by its name', () => {
    const file = fileOf(Buffer.from('{"model_config": {}}'), 'config.json');
    writeFileSync(join(file, '..', 'model.safetensors'), '');
    expect(() => ModelFolder.open(join(file, '..'))).toThrow(/sparse_pretrain/);
    const damaged = fileOf(Buffer.from('{"n_layer":'), 'beeg_config.json');
    writeFileSync(join(damaged, '..', 'final_model.pt'), '');
    expect(() => ModelFolder.open(join(damaged, '..'))).toThrow(/is not JSON/);
    const alone = fileOf(Buffer.from('{}'), 'beeg_config.json');
    expect(() => ModelFolder.open(join(alone, '..'))).toThrow(`put it beside ${basename(alone)}`);
  });
});

describe('a tokenizer of theirs', () => {
  it('gives the tokens of tiktoken', () => {
    const tokenizer = Tokenizer.fromJson(readTokenizer(TOKENIZER));
    const cases = JSON.parse(readFileSync(join(TOKENIZER, 'encodings.json'), 'utf8')) as {
      text: string;
      ids: number[];
    }[];
    expect(cases.length).toBeGreaterThan(10);
    for (const { text, ids } of cases) expect([...tokenizer.encode(text).ids]).toEqual(ids);
    expect([tokenizer.vocabSize, tokenizer.endOfText]).toEqual([288, 287]);
  });

  it('is refused when its files are not of the form', () => {
    const folder = temporary();
    const read = (bpe: string, encoder: string) => {
      writeFileSync(join(folder, 'vocab.bpe'), bpe);
      writeFileSync(join(folder, 'encoder.json'), encoder);
      return () => readTokenizer(folder);
    };
    expect(read('', '[')).toThrow('cannot be read as JSON');
    expect(read('', '{"a": 0}')).toThrow('has no <|endoftext|>');
    expect(read('', '{"a": 0, "<|endoftext|>": 1}')).toThrow('byte');
    const encoder = readFileSync(join(TOKENIZER, 'encoder.json'), 'utf8');
    expect(read('# head\na b c\n', encoder)).toThrow('line 2 is not a pair');
  });
});
