/** `circuitscope tokenizer`, and texts whose lines end in another way. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Tokenizer } from '../../../models/tokenizer/tokenizer';
import { SourceText } from '../../../extension/text/sourceText';
import { readText } from '../../../models/cli/text';
import { at, Program, text } from './program';

const program = new Program();
afterAll(() => {
  program.remove();
});

describe('circuitscope tokenizer', () => {
  const corpus = join(program.dir, 'corpus');
  mkdirSync(corpus);
  for (const name of ['a', 'b']) {
    writeFileSync(join(corpus, `${name}.py`), `def ${name}(self):\n    return 1\n`.repeat(40));
  }
  const train = (out: string, ...more: string[]) =>
    program.run('tokenizer', '--corpus', corpus, '--out', out, '--vocab', '300', ...more);

  it('writes a tokenizer, the same for the same corpus', () => {
    const [one, two] = ['one.json', 'two.json'].map((name) => join(program.dir, name));
    expect(train(one)).toMatch(/one\.json: 300 tokens, [0-9a-f]{12}\n$/);
    const report = JSON.parse(train(two, '--json')) as { hash: string };
    expect(readFileSync(one, 'utf8')).toBe(readFileSync(two, 'utf8'));
    expect(Tokenizer.load(one).hash).toBe(report.hash);
  });

  it('says what is missing or wrong', () => {
    const out = ['--out', join(program.dir, 'three.json')];
    expect(program.failure('tokenizer', ...out)).toContain('--corpus DIR --out FILE');
    const wrong = (...more: string[]) =>
      program.failure('tokenizer', '--corpus', corpus, ...out, ...more);
    expect(wrong('--vocab', '20')).toContain('whole number, 257 or more');
    expect(wrong('--idioms', '1')).toContain('expected a share');
    expect(wrong(join(program.dir, 'nowhere'))).toContain('nowhere does not exist');
  });
});

describe('a file with other line ends', () => {
  it('has the same numbers as with line feeds, on the command line as in the editor', () => {
    const windows = text.replaceAll('\n', '\r\n');
    const file = program.file('windows.py', windows);
    expect(readText(file)).toBe(new SourceText(windows).text);
    const places = at(2, 12);
    const [one, other] = [program.python, file].map((path) => program.trace(path, ...places));
    expect(other).toEqual(one);
    expect(program.loss(file)).toEqual(program.loss(program.python));
  });
});
