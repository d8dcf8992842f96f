/** How the frontier's models are trained and measured, with commands that are made up. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { CommandError, NO_CIRCUIT } from '../../../tools/cli.mjs';
import { Frontier } from '../../../tools/frontier/frontier.mjs';
import { pointsOf, type Plan } from '../../../tools/frontier/plan.mjs';

const plan: Plan = {
  ...{ widths: [16, 32], nonzero: 2000, width: 32, factors: [0.5], training: {}, context: 8 },
  ...{ tasks: ['a', 'b'], steps: 7, seconds: 9 },
};
const base = {
  model: { layers: 1, vocab: 10, heads: 1, dHead: 8, dMlp: 8, context: 8 },
  sparsity: { l0: 1 },
};
const names = pointsOf(plan).map(({ name }) => name);

interface Kept {
  readonly models: Record<string, { readonly edges: object; readonly problems?: object }>;
}

/** A folder, and commands that write what theirs would. */
function frontier() {
  const out = mkdtempSync(join(tmpdir(), 'circuitscope-frontier-'));
  onTestFinished(() => {
    rmSync(out, { recursive: true });
  });
  const calls: string[][] = [];
  const answers = {
    text: 'one text',
    /** Steps at which a training stops with a checkpoint. */
    stops: false,
    prune: (() => ({ edges: 5, effort: { stopped: false } })) as (task: string) => object,
  };
  const train = (folder: string) => {
    const tokens = join(folder, 'tokens');
    if (!existsSync(tokens)) {
      mkdirSync(tokens, { recursive: true });
      const json = JSON.stringify({ corpus: answers.text });
      for (const part of ['train', 'heldout'])
        writeFileSync(join(tokens, `${part}.bin.json`), json);
    }
    if (answers.stops) {
      writeFileSync(join(folder, 'checkpoint.safetensors'), '');
      return { bundle: null, step: 3 };
    }
    mkdirSync(join(folder, 'bundle'));
    writeFileSync(join(folder, 'bundle', 'bundle.json'), '{}');
    const natsPerToken = { heldOutOrdinary: 4, heldOutIdioms: 2 };
    const card = { natsPerToken, tokensSeen: 100 };
    writeFileSync(join(folder, 'bundle', 'card.json'), JSON.stringify(card));
    return { bundle: 'bundle', step: 5 };
  };
  const parameters = [
    { name: 'embed.weight', nonzero: 3, total: 9 },
    { name: 'bigram.table', nonzero: 50, total: 50 },
  ];
  const cli = (...args: string[]): Promise<unknown> => {
    calls.push(args);
    const [command, subject] = args;
    switch (command) {
      case 'train':
        return Promise.resolve(train(args[args.indexOf('--out') + 1]));
      case 'bundle':
        return Promise.resolve({ parameters: { parameters } });
      case 'kurtosis':
        return Promise.resolve({
          kurtosis: [{ place: 'embed', kurtosis: 3 }],
          active: [{ site: '0.attn.q', active: 1, nodes: 2 }],
        });
      default:
        return Promise.resolve().then(() => answers.prune(subject));
    }
  };
  const make = async (change: Partial<Plan> = {}, settings: object = base) => {
    calls.length = 0;
    const asked = { plan: { ...plan, ...change }, base: settings, out, cli };
    await new Frontier({
      ...{ ...asked, corpus: ['corpus'], texts: 'samples' },
      tell: () => undefined,
    }).make();
  };
  const kept = () => JSON.parse(readFileSync(join(out, 'frontier.json'), 'utf8')) as Kept;
  const asked = (command: string) => calls.filter(([name]) => name === command);
  return { out, answers, make, kept, asked };
}

describe('the models of the frontier', () => {
  it('are trained on one text, searched and drawn, each once', async () => {
    const { out, make, kept, asked } = frontier();
    await make();
    expect(asked('train').map(([, config]) => config)).toEqual(
      names.map((name) => join(out, `${name}.json`)),
    );
    expect(asked('train').flat()).not.toContain('--resume');
    // The text is read once.
    const tokens = names.map((name) => readdirSync(join(out, name, 'tokens')));
    expect(new Set(tokens.map((files) => files.join())).size).toBe(1);
    const model = { tokens: 100, nonzero: 3, total: 9, edges: { a: 5, b: 5 } };
    expect(kept().models).toMatchObject(Object.fromEntries(names.map((name) => [name, model])));
    expect(asked('prune')).toHaveLength(6);
    expect(asked('prune')[0].join(' ')).toContain('--steps 7 --seconds 9');
    expect(readFileSync(join(out, 'frontier.md'), 'utf8')).toContain('2 tasks have a circuit');
    expect(existsSync(join(out, 'frontier.svg'))).toBe(true);
    await make();
    expect([...asked('train'), ...asked('prune'), ...asked('kurtosis')]).toEqual([]);
  });

  it('go on from the checkpoint of one that was stopped', async () => {
    const { answers, make, asked } = frontier();
    answers.stops = true;
    await expect(make()).rejects.toThrow('stopped at step 3; the same command goes on');
    answers.stops = false;
    await make();
    const resumed = asked('train').map((args) => args.includes('--resume'));
    expect(resumed).toEqual([true, false, false]);
  });

  it('share the tokens of the first', async () => {
    const { out, answers, make } = frontier();
    answers.stops = true;
    await expect(make()).rejects.toThrow('stopped');
    answers.text = 'would be another text, if it were read again';
    answers.stops = false;
    await make();
    for (const name of names) {
      expect(readFileSync(join(out, name, 'tokens', 'heldout.bin.json'), 'utf8')).toContain('one');
    }
  });

  it('have no circuit where the search says so or does not end, and nowhere else', async () => {
    const { answers, make, kept, asked } = frontier();
    answers.prune = (task) => {
      if (task === 'a') throw new CommandError(['prune'], 'too hard', NO_CIRCUIT);
      return { edges: 7, effort: { stopped: true } };
    };
    await make();
    expect(kept().models[names[0]]).toMatchObject({
      edges: { a: null, b: null },
      problems: { a: 'too hard', b: 'the search did not end within 9 s' },
    });
    await make();
    expect(asked('prune')).toEqual([]);
  });

  it.each([
    ['a command that failed', new CommandError(['prune'], 'no space left', 1)],
    ['one that was killed', new CommandError(['prune'], 'Command failed', null)],
    ['any other error', new Error('out of memory')],
  ])('stop at %s, and ask again the next time', async (_name, error) => {
    const { answers, make, kept, asked } = frontier();
    answers.prune = (task) => {
      if (task === 'b') throw error;
      return { edges: 5, effort: { stopped: false } };
    };
    await expect(make()).rejects.toThrow(error.message);
    expect(kept().models[names[0]].edges).toEqual({ a: 5 });
    answers.prune = () => ({ edges: 6, effort: { stopped: false } });
    await make();
    expect(kept().models[names[0]].edges).toEqual({ a: 5, b: 6 });
    expect(asked('prune')[0][1]).toBe('b');
  });

  it('are not compared across plans, settings or texts', async () => {
    const { out, make } = frontier();
    await make();
    await expect(make({ steps: 8 })).rejects.toThrow('holds another plan');
    const other = { ...base, sparsity: { l0: 1, more: true } };
    await expect(make({}, other)).rejects.toThrow(`${names[0]} was trained with other settings`);
    rmSync(join(out, names[1], 'tokens', 'train.bin.json'));
    writeFileSync(join(out, names[1], 'tokens', 'train.bin.json'), '{"corpus": "another"}');
    await expect(make()).rejects.toThrow(
      `${names[1]} was trained on other text than ${names[0]}; delete one of them`,
    );
  });
});
