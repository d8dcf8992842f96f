/** Options, places, and what stands on standard output. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseKind } from '../../../models/cli/ablations';
import { checkNodes } from '../../../models/runtime/checkInterventions';
import { parseOptions, printJson, wholeNumber } from '../../../models/cli/command';
import { checkOutFile, checkOutFolder } from '../../../models/cli/outFile';
import { jsonWithoutControls, withoutControls } from '../../../models/cli/output';
import { offsetAt } from '../../../models/cli/text';
import { trace } from '../../../models/cli/trace';
import { train } from '../../../models/cli/trainCommand';
import { placeIn, textIn } from '../../../models/cli/where';
import { tinyConfig } from '../../support/models';

const dir = mkdtempSync(join(tmpdir(), 'circuitscope-options-'));
afterAll(() => {
  rmSync(dir, { recursive: true, force: true });
});

describe('options', () => {
  const options = {
    ablate: { type: 'string' },
    corpus: { type: 'string', multiple: true },
  } as const;

  it.each([
    [['--ablate', ''], 'trace: --ablate is empty; give a value or leave it out'],
    [['--ablate= '], '--ablate is empty'],
    [['--corpus', 'a', '--corpus', ''], '--corpus is empty'],
    [[''], 'an argument is empty'],
  ])('%j are refused, for nothing means nothing', (args, message) => {
    expect(() => parseOptions('trace', args, options)).toThrow(message);
  });

  it.each([
    [['--ablate', 'a', '--ablate', 'b'], 'trace: --ablate is given twice; see circuitscope trace'],
    [['--ablate=a', 'x.py', '--corpus', 'c', '--ablate', 'a'], '--ablate is given twice'],
  ])('%j are refused, for only one value can hold', (args, message) => {
    expect(() => parseOptions('trace', args, options)).toThrow(message);
  });

  it('may be given twice where they take several values or none', () => {
    const args = [
      '--corpus',
      'a',
      '--corpus',
      'b',
      '--json',
      '--json',
      '--',
      '--ablate',
      '--ablate',
    ];
    const parsed = parseOptions('trace', args, { ...options, json: { type: 'boolean' } } as const);
    expect(parsed.values).toMatchObject({ corpus: ['a', 'b'], json: true });
    expect(parsed.positionals).toEqual(['--ablate', '--ablate']);
  });

  it('may be negative numbers, which begin like options', () => {
    const { values, positionals } = parseOptions('trace', ['a.py', '--ablate', '-1'], options);
    expect({ ...values, positionals }).toEqual({ ablate: '-1', positionals: ['a.py'] });
    const flag = { json: { type: 'boolean' }, top: { type: 'string' } } as const;
    expect(parseOptions('trace', ['--top', '-3', '--json'], flag).values).toMatchObject({
      ...{ top: '-3', json: true },
    });
    expect(() => parseOptions('trace', ['--json', '-3'], flag)).toThrow("Unknown option '-3'");
  });

  it.each([
    [['--everywhere'], '--everywhere needs --effects; add it'],
    [['--of', 'next'], '--of needs --effects or --lens; add one of them'],
    [['--effects', '--of', 'it'], '--of it: give likeliest or next'],
    [['--all'], '--all needs --effects; add it'],
    [['--kind', 'zero'], '--kind needs --effects or --ablate; add one of them'],
  ])('%j that would do nothing are refused', async (more, message) => {
    await expect(trace.run(['a.py', '--token', '0', ...more])).rejects.toThrow(message);
  });

  it('name nodes that the model has, which is known before it is loaded', () => {
    const off = { positions: 'all', kind: { kind: 'mean' } } as const;
    const nodes = ['0.mlp.post_act.1'];
    const check = (one: object) => {
      checkNodes([{ ...off, nodes, ...one }], tinyConfig());
    };
    expect(() => {
      check({});
    }).not.toThrow();
    for (const wrong of [{ nodes: ['foo'] }, { into: '0.attn.v.999' }]) {
      expect(() => {
        check(wrong);
      }).toThrow(Object.values(wrong).flat()[0]);
    }
  });

  it('count within bounds', () => {
    expect(wholeNumber('--pairs', '7', 1, 7)).toBe(7);
    expect(() => wholeNumber('--pairs', '8', 1, 7)).toThrow(
      '--pairs 8 is too large; it is at most 7',
    );
    const digits = '9'.repeat(40);
    expect(() => wholeNumber('--pairs', digits, 1)).toThrow('is too large');
  });

  it('give values and scales within bounds', () => {
    expect(parseKind('scale=-1e9')).toEqual({ kind: 'scale', scale: -1e9 });
    for (const kind of ['value=1e38', 'scale=-1e10']) {
      expect(() => parseKind(kind)).toThrow('is too large; the largest magnitude is 1000000000');
    }
  });
});

describe('a place', () => {
  const text = 'ab\nc';

  it('may be every character, every line end and the end of the text', () => {
    expect(offsetAt(text, 1, 3, 'f')).toBe(2);
    expect(offsetAt(text, 2, 2, 'f')).toBe(4);
    expect(() => offsetAt(text, 1, 4, 'f')).toThrow(
      'line 1 has no column 4; its columns are 1 to 3',
    );
    expect(() => offsetAt(text, 2, 3, 'f')).toThrow('its columns are 1 to 2');
    expect(() => offsetAt(text, 3, 1, 'f')).toThrow('f has no line 3; its lines are 1 to 2');
  });

  it('may be in the empty line after the last line end, and nowhere in an empty text', () => {
    expect(offsetAt('ab\n', 2, 1, 'f')).toBe(3);
    expect(() => offsetAt('', 1, 1, 'f')).toThrow(
      'f is empty; the only token to ask about is --token -1',
    );
  });

  it('may be a token', () => {
    expect(placeIn({ token: '-1' })(text, 'f')).toEqual({ token: -1 });
    expect(placeIn({ token: '3' })(text, 'f')).toEqual({ token: 3 });
    expect(placeIn({ line: '2', column: '1' })(text, 'f')).toEqual({ offset: 3 });
    expect(() => placeIn({ token: '-2' })).toThrow('--token -2: expected a whole number');
    expect(() => placeIn({ token: '1', line: '1' })).toThrow('not both');
    expect(() => placeIn({ line: '1' })).toThrow('--column is missing');
  });

  it('of a notebook is in a cell', () => {
    const file = join(dir, 'n.ipynb');
    writeFileSync(
      file,
      '{"cells":[{"cell_type":"code","source":"x"},{"cell_type":"code","source":"y"}]}',
    );
    expect(textIn(file, '2')).toEqual({ text: 'y', name: `${file}, cell 2` });
    expect(() => textIn(file, undefined)).toThrow('has 2 Python cells; choose one with --cell');
    expect(() => textIn(file, undefined, '--to-cell')).toThrow('choose one with --to-cell');
    expect(() => textIn(file, '3', '--to-cell')).toThrow('--to-cell 3 ');
    expect(() => textIn(file, '3')).toThrow('--cell 3 is too large; it is at most 2');
    const one = join(dir, 'one.ipynb');
    writeFileSync(one, '{"cells":[{"cell_type":"code","source":"x"}]}');
    expect(textIn(one, undefined)).toEqual({ text: 'x', name: `${one}, cell 1` });
    const none = join(dir, 'none.ipynb');
    writeFileSync(none, '{"cells":[]}');
    expect(() => textIn(none, '1')).toThrow(`${none} has no Python cells; give another notebook`);
    expect(() => textIn('a.py', '1')).toThrow('--cell is for notebooks');
  });
});

describe('where a result goes', () => {
  it('is looked at before the work', () => {
    mkdirSync(join(dir, 'folder'), { recursive: true });
    writeFileSync(join(dir, 'file'), '');
    const any = { a: 'a file', is: () => true };
    expect(() => checkOutFile(join(dir, 'folder'), any)).toThrow(
      'is a folder; give the name of a file',
    );
    expect(() => checkOutFile(join(dir, 'none', 'a.json'), any)).toThrow('there is no folder');
    expect(() => checkOutFile(join(dir, 'file', 'a.json'), any)).toThrow('there is no folder');
    const same = join(dir, 'folder', '..', 'file');
    expect(() => checkOutFile(join(dir, 'file'), any, [undefined, same])).toThrow(
      'is also an input',
    );
    checkOutFile(join(dir, 'new.json'), any, [join(dir, 'file')]);
    expect(() => checkOutFolder(join(dir, 'file'))).toThrow('is not a folder');
    expect(() => checkOutFolder(join(dir, 'file', 'a'))).toThrow('there is no folder');
    checkOutFolder(join(dir, 'x', 'y'));
  });

  it.each(['onnx', 'torch'])(
    'is looked at by train before it reads anything: %s',
    async (engine) => {
      const out = join(dir, 'file');
      const run = train.run(['none.json', '--corpus', 'none', '--out', out, '--engine', engine]);
      await expect(run).rejects.toThrow(`--out ${out} is not a folder; give a folder`);
    },
  );
});

it.each([NaN, Infinity, -Infinity])('%s is no result, and never null in JSON', (value) => {
  expect(() => {
    printJson({ nodes: [{ effect: value }] });
  }).toThrow(`effect is ${value}, which cannot be right`);
});

describe('what a terminal gets', () => {
  it('has no controls, in text as escapes and in JSON as what they meant', () => {
    const text = 'a\tb\n\u001b[31m\u009b2J\u007f';
    expect(withoutControls(text)).toBe('a\tb\n\\x1b[31m\\x9b2J\\x7f');
    const json = jsonWithoutControls(JSON.stringify({ text }, null, 2));
    expect(json).toMatch(/^[\n\u0020-\u007e]*$/);
    expect(JSON.parse(json)).toEqual({ text });
  });
});
