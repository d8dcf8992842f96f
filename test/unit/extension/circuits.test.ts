import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { circuitText, type Circuit } from '../../../models/circuits/file/circuitFile';
import { allSites } from '../../../models/transformer/nodes';
import { siteWidth } from '../../../models/transformer/config';
import { findCounterpart, type Predictor } from '../../../extension/circuits/counterpart';
import { experiment } from '../../../extension/circuits/experiment';
import {
  checkFits,
  pairsOf,
  readKnown,
  circuitSize,
  stateText,
  type KnownCircuit,
} from '../../../extension/circuits/known';
import { lastLines } from '../../../extension/circuits/lastLines';
import { proofMarkdown } from '../../../extension/circuits/proof';
import { inWords } from '../../../extension/panel/taskView';
import { circuitStrength, spreadsOf } from '../../../extension/decorations/strength';
import { strengthLevel } from '../../../extension/decorations/levels';
import { judge, valueText } from '../../../models/circuits/file/criteria';
import type { Proof } from '../../../models/circuits/file/schema';
import { sampleCircuit, sampleProof } from '../../support/circuits';
import { tinyConfig } from '../../support/models';

const config = tinyConfig();
const hash = 'a'.repeat(64);
const info = {
  name: 'tiny',
  hash,
  config,
  tokenTexts: [],
  texts: [],
  endOfText: 0,
  bridgedTo: null,
};
const pairs = '{"a":{},"b":{}}\n';
const sha256 = createHash('sha256').update(pairs).digest('hex');

const circuit: Circuit = sampleCircuit({
  pairs: { file: 'quotes.jsonl', sha256 },
  core: ['0.attn.act_in.0', '0.mlp.post_act.1'],
  cut: ['0.mlp.post_act.1'],
  ...{ edges: [], allEdges: 0 },
});
const source = {
  ...({ name: 'quotes', origin: 'file', where: 'quotes.json' } as const),
  beside: (name: string) => Promise.resolve(name === 'quotes.jsonl' ? pairs : null),
} as const;
const known: KnownCircuit = { ...source, circuit };

describe('the strength of a circuit', () => {
  it('is the mean distance from the means, each in units of its spread', () => {
    // Distances 3, 4 and 0, 10: spreads √12.5 and √50.
    const scan = { start: 7, values: Float32Array.of(4, -3, 5, 15), means: Float32Array.of(1, 5) };
    const { start, values } = circuitStrength(scan, spreadsOf(scan));
    expect(start).toBe(7);
    expect(values[0]).toBeCloseTo((3 / Math.sqrt(12.5) + 0) / 2, 6);
    expect(values[1]).toBeCloseTo((4 / Math.sqrt(12.5) + 10 / Math.sqrt(50)) / 2, 6);
  });

  it('does not depend on how large a node gets', () => {
    const means = Float32Array.of(0, 0);
    const [small, large] = [
      [1, 2, 3, 1],
      [100, 200, 3, 1],
    ].map((values) => {
      const scan = { start: 0, values: Float32Array.from(values), means };
      return circuitStrength(scan, spreadsOf(scan));
    });
    expect([...large.values]).toEqual([...small.values].map((x) => expect.closeTo(x, 5) as number));
  });

  it('is 0 where every node is at its mean, as ablation leaves them', () => {
    const scan = { start: 0, values: Float32Array.of(2, 2, 2), means: Float32Array.of(2) };
    const { values } = circuitStrength(scan, spreadsOf(scan));
    expect([...values]).toEqual([0, 0, 0]);
    expect(strengthLevel(values[0], 1e-9)).toBe(0);
  });
});

describe('a circuit in a list', () => {
  it('says in few letters how large it is, and what is known of it', () => {
    const about = { bundle: { name: 'a', hash }, nodes: 81, edges: 126, backups: 2 };
    const text = (loss: number | null, passes: boolean | null) =>
      stateText({ ...about, loss, passes });
    expect(text(null, null)).toBe('81 nodes · older format');
    expect(text(0.1187, null)).toBe('81 nodes · loss 0.12');
    expect(text(0.1187, true)).toBe('81 nodes · loss 0.12 · proven');
    expect(text(0.1187, false)).toBe('81 nodes · loss 0.12 · not proven');
  });

  it('is described in plain text', () => {
    expect(inWords('Between `]` and `]]`.')).toBe('Between ‘]’ and ‘]]’.');
  });
});

describe('a circuit file', () => {
  it('is read, and described in one line', () => {
    const read = readKnown(circuitText(circuit), source);
    expect(read).toMatchObject({ name: 'quotes', circuit });
    expect(circuitSize(circuit)).toBe('2 nodes, 0 edges, 1 backup, loss 0.123');
  });

  it.each([
    ['{', /^quotes\.json is not JSON; find the circuit again$/],
    ['{"format":1}', /^quotes\.json: bundle/],
    ['{"format":9}', /^quotes\.json has format 9/],
  ])('that is damaged says so in one line: %s', (text, problem) => {
    const read = readKnown(text, source);
    expect(read).toMatchObject({ problem: expect.stringMatching(problem) as string });
  });

  it('of another model is refused with both models named', () => {
    const other = { ...info, name: 'other', hash: 'b'.repeat(64) };
    expect(() => checkFits(known, info)).not.toThrow();
    expect(() => checkFits(known, other)).toThrow(/circuit of tiny a{12}.*in use is other b{12};/);
    const stray = { ...known, circuit: { ...circuit, core: ['9.mlp.post_act.0'], cut: [] } };
    expect(() => checkFits(stray, info)).toThrow(/quotes\.json/);
  });

  it('finds the pairs beside it, as long as they are the same', async () => {
    const request = { name: 'quotes.jsonl', text: pairs, where: 'quotes.jsonl' };
    expect(await pairsOf(known)).toEqual(request);
    const gone = { ...known, beside: () => Promise.resolve(null) };
    await expect(pairsOf(gone)).rejects.toThrow(/quotes\.jsonl is not beside quotes\.json/);
    const changed = { ...known, beside: () => Promise.resolve(`${pairs}\n`) };
    await expect(pairsOf(changed)).rejects.toThrow(/quotes\.jsonl has changed/);
    for (const file of ['../quotes.jsonl', '/etc/passwd', 'a\\b.jsonl', 'c:x', '..', '']) {
      const away = {
        ...known,
        circuit: { ...circuit, pairs: { ...circuit.pairs, file } },
      } as typeof known;
      const read: string[] = [];
      const watched = {
        ...away,
        beside: (name: string) => {
          read.push(name);
          return Promise.resolve(pairs);
        },
      };
      await expect(pairsOf(watched)).rejects.toThrow(/names a pairs file elsewhere/);
      expect(read).toEqual([]);
    }
    const task = { ...known, circuit: { ...circuit, pairs: { task: 'with_as' } } };
    expect(await pairsOf(task)).toEqual({ task: 'with_as' });
  });
});

describe('the experiments', () => {
  const total = allSites(config).reduce((sum, { site }) => sum + siteWidth(config, site), 0);
  const nodesOf = (question: 'necessary' | 'sufficient') =>
    experiment(known, question, info).entries[0].nodes;

  it('close the circuit, or all other nodes, as they were closed in pruning', () => {
    expect(nodesOf('necessary')).toEqual([...circuit.core, ...circuit.backups]);
    const others = nodesOf('sufficient');
    expect(others).toHaveLength(total - 2);
    expect(new Set([...others, ...circuit.core]).size).toBe(total);
    const zero = { ...known, circuit: { ...circuit, ablation: 'zero' as const } };
    const [entry] = experiment(zero, 'sufficient', info).entries;
    expect(entry).toMatchObject({ on: true, where: 'all', kind: { kind: 'zero' } });
    expect(entry.model).toEqual({ name: info.name, hash: info.hash });
  });

  it('of a circuit without nodes ablate nothing when it is removed', () => {
    const empty = { ...known, circuit: { ...circuit, core: [], backups: [], cut: [] } };
    expect(experiment(empty, 'necessary', info).entries).toEqual([]);
  });
});

describe('the search for the other prompt of a pair', () => {
  // Three tokens of a letter each; `b` anywhere before the end makes the model say 1, else 0.
  const texts = ['a', 'b', 'c'];
  const encoding = (text: string) => ({
    ids: Uint16Array.from(text, (letter) => texts.indexOf(letter)),
    starts: Uint32Array.from(text, (_, i) => i),
    ends: Uint32Array.from(text, (_, i) => i + 1),
  });
  const search = async (
    prompt: string,
    decides: (text: string) => boolean,
    before = [-1, -3],
    after = [-3, -1],
  ) => {
    const seen: string[] = [];
    const model: Predictor = {
      after: () => Promise.resolve(Float32Array.of(-1, -2, -3)),
      end: (text) => {
        seen.push(text);
        return Promise.resolve(
          decides(text) ? Float32Array.of(...after, -9) : Float32Array.of(...before, -9),
        );
      },
      count: (text) => Promise.resolve(text.length),
    };
    const told = { answer: 0, logprobs: Float32Array.of(...before, -9), texts };
    const tokens = encoding(prompt) as unknown as Parameters<typeof findCounterpart>[1];
    const found = await findCounterpart(prompt, tokens, told, model, () => undefined);
    return { found, seen };
  };

  it('changes the nearest token that matters, and never the last', async () => {
    const { found, seen } = await search('aacc', (text) => text[1] === 'b');
    expect(found).toMatchObject({ text: 'abcc', before: 'a', now: 'b', other: 1, margin: 2 });
    expect(seen.every((text) => text.endsWith('c'))).toBe(true);
  });

  it('leaves a token out where that is what it takes', async () => {
    const { found } = await search('aac', (text) => text === 'ac');
    expect(found).toMatchObject({ text: 'ac', before: 'a', now: '' });
  });

  it('does not take a change that hardly matters', async () => {
    const faint = await search('aacc', (text) => text[1] === 'b', [-1, -1.1]);
    expect(faint.found).toMatchObject({ margin: 2 });
    const fainter = await search('aacc', (text) => text[1] === 'b', [-1, -1.1], [-1.1, -1]);
    expect(fainter.found).toBeNull();
  });

  it('takes whatever the model says then, if it is a text by itself', async () => {
    const third = await search('aacc', (text) => text[1] === 'b', [-1, -3], [-3, -3.5]);
    expect(third.found).toBeNull();
    const model: Predictor = {
      after: () => Promise.resolve(Float32Array.of(-1, -2, -3)),
      end: (text) => Promise.resolve(Float32Array.of(-3, -9, text.includes('b') ? -1 : -5)),
      count: (text) => Promise.resolve(text.length),
    };
    const told = { answer: 0, logprobs: Float32Array.of(-1, -3, -3), texts: ['a', 'b', null] };
    const tokens = encoding('aac') as unknown as Parameters<typeof findCounterpart>[1];
    const find = (texts: readonly (string | null)[]) =>
      findCounterpart('aac', tokens, { ...told, texts }, model, () => undefined);
    expect(await find(['a', 'b', 'c'])).toMatchObject({ other: 2, now: 'b' });
    // A part of a character is no answer.
    expect(await find(['a', 'b', null])).toBeNull();
  });

  // Tokens are letters, digits and signs; the model says 1 where the text matches.
  const wanted = async (prompt: string, decides: RegExp, count = (text: string) => text.length) => {
    const model: Predictor = {
      after: () => Promise.resolve(Float32Array.of(-1, -2, -3)),
      end: (text) => Promise.resolve(Float32Array.of(-3, decides.test(text) ? -1 : -9, -9)),
      count: (text) => Promise.resolve(count(text)),
    };
    const told = { answer: 0, logprobs: Float32Array.of(-1, -3, -9), texts };
    const tokens = encoding(prompt) as unknown as Parameters<typeof findCounterpart>[1];
    return await findCounterpart(prompt, tokens, told, model, () => undefined);
  };

  it('puts what is of the same kind in the place of a token, whether or not it was expected', async () => {
    expect(await wanted('[1,c', /2/)).toMatchObject({ text: '[2,c', before: '1', now: '2' });
    expect(await wanted('(1,c', /\{/)).toMatchObject({ text: '{1,c', before: '(', now: '{' });
  });

  it('changes the word that is being written only when nothing else will do', async () => {
    expect(await wanted('a.aac', /b/)).toMatchObject({ text: 'abaac' });
    expect(await wanted('a.aac', /^b|[.].*b/)).toMatchObject({ text: 'b.aac' });
    expect(await wanted('a.aac', /[.].*b/)).toMatchObject({ text: 'a.abc' });
  });

  it('takes no change that makes other tokens of its neighbors, and no answer that joins the prompt', async () => {
    const joined = (part: string) => (text: string) => text.length - (text.includes(part) ? 1 : 0);
    expect(await wanted('1.c', /2/)).toMatchObject({ text: '2.c' });
    expect(await wanted('1.c', /2/, joined('2.'))).toBeNull();
    expect(await wanted('1.c', /2/, joined('cb'))).toBeNull();
  });

  it('finds nothing where nothing has that effect', async () => {
    expect((await search('aaaa', () => false)).found).toBeNull();
    expect((await search('a', () => true)).found).toBeNull();
  });
});

describe('of a text longer than a model reads', () => {
  // A token a character.
  const last = (text: string, most: number, token = text.length - 1) => {
    const places = Uint32Array.from(text, (_, i) => i);
    return lastLines(text, { starts: places, ends: places.map((i) => i + 1) }, token, most);
  };
  const lines = Array.from({ length: 20 }, (_, i) => `line ${i}`).join('\n');

  it('whole lines up to the token are taken, with some tokens to spare', () => {
    expect(last(lines, 31)).toBe('line 17\nline 18\nline 19');
    expect(last(lines, 30, lines.indexOf('9\n'))).toBe('line 7\nline 8\nline 9');
  });

  it('all is taken where it fits, and of a line that does not its end', () => {
    expect(last(lines, lines.length)).toBe(lines);
    expect(last('a = '.repeat(20), 28)).toBe('a = '.repeat(5));
    expect(last(`${'a'.repeat(90)}\n`, 28)).toBe(`${'a'.repeat(19)}\n`);
  });
});

describe('the proof in words', () => {
  const failed = sampleProof({ adversary: { loss: 12.5 } });
  const words = (proof: Proof, change: Partial<Circuit> = {}) =>
    proofMarkdown(
      { ...known, circuit: { ...circuit, ...change } },
      { seed: proof.seed, proof, state: 'complete', file: null },
    );

  it('has the verdict first, every criterion and measurement, and says when nothing unseen judged', () => {
    const text = words(failed);
    const { criteria, words: verdict } = judge([failed]);
    expect(text.indexOf(verdict)).toBeLessThan(text.indexOf('| criterion |'));
    for (const one of criteria) expect(text).toContain(`| ${one.what} | ${valueText(one)} |`);
    for (const { what, nodes, loss } of failed.measurements) {
      expect(text).toContain(`| ${what} | ${nodes} | ${loss.toFixed(3)} `);
    }
    expect(text).toContain('| 12.500 | at most 0.150 | **no** |');
    expect(text).toContain('2 of 2: nodes that are needed');
    const counts = [{ id: 'faithfulness', what: 'area', count: 0.70044, of: 1 }];
    expect(words({ ...failed, counts })).toContain('- 0.70 of 1: area.');
    expect(text).not.toContain('Nothing unseen');
    expect(words({ ...failed, unseen: false })).toContain('Nothing unseen judges');
    expect(words({ ...failed, stopped: true })).toContain('The time ran out');
  });

  it('has a line for every task, with what becomes of it without the cut', () => {
    const selective = [...failed.selective, { task: 'for_while', whole: 1, without: 0.5 }];
    const text = words({ ...failed, selective });
    expect(text).toContain('| **indent_for** | 100 % | 50 % | the circuit’s own task |');
    expect(text).toContain('| with_as | 100 % | 100 % | left as it is |');
    expect(text).toContain('| var_if | 60 % | 50 % | not solved by the whole model |');
    expect(text).toContain('| for_while | 100 % | 50 % | **damaged** |');
  });

  it('lists the nodes of core and backups apart, those of the cut in bold, and not thousands', () => {
    const change = {
      core: ['0.attn.act_in.0', '0.attn.v.1', '0.mlp.post_act.1'],
      backups: ['1.mlp.post_act.7'],
      cut: ['0.attn.v.1', '1.mlp.post_act.7'],
      edges: [{ from: '0.attn.act_in.0', to: '0.attn.v.1', weight: 1 }],
    };
    const text = words(failed, change);
    expect(text).toContain(
      '## Core: 2 nodes that edges join\n\n`0.attn.act_in.0`, **`0.attn.v.1`**.',
    );
    expect(text).toContain('## Core: 1 constant without an edge\n\n`0.mlp.post_act.1`.');
    expect(text).toContain('## Backups: 1 node\n\n**`1.mlp.post_act.7`**.');
    const backups = Array.from({ length: 300 }, (_, i) => `1.mlp.post_act.${i}`);
    expect(words(failed, { ...change, backups })).toMatch(
      /`1\.mlp\.post_act\.119`, and 180 more\./,
    );
    // Where edges are too many to list, no node is without one.
    expect(words(failed, { ...change, edges: [], unlisted: 60_000 })).toContain(
      '## Core: 3 nodes that edges join',
    );
  });

  it('lets what the file keeps of other seeds count', () => {
    const passing = sampleProof({}, { seed: 3 });
    expect(words(passing)).not.toContain('FAILS');
    expect(words(passing, { proof: failed })).toContain('12.500, wanted at most 0.150');
  });
});
