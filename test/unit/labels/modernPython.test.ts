/** New and odd Python in the tree that concepts are read from: understood, or an error that ends with its statement. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PythonParser } from '../../../models/syntax/parser';

let parser: PythonParser;
beforeAll(async () => {
  parser = await PythonParser.load();
});
afterAll(() => parser.release());

const AFTER = '\ndef after(a):\n    return a\n';
/** Whether a text has a part that is not understood, and whether a function after it is. */
const read = (text: string) =>
  parser.parse(text + AFTER, ({ rootNode }) => {
    const functions = rootNode.descendantsOfType('function_definition');
    const last = functions.at(-1)?.childForFieldName('name')?.text;
    return { error: rootNode.hasError, last };
  });

const understood = {
  'an f-string within an f-string (3.12)': `x = f"{f'{1 + 1}'} {"a"}"\n`,
  't-strings (3.14)': 'x = t"hello {name!r:>{width}}"\n',
  'type parameters (3.12)': 'def f[T: int, *Ts, **P](x: T) -> T: ...\ntype B[T] = list[T]\n',
  'match as a keyword': 'match x:\n    case [1, *rest] if rest:\n        pass\n',
  'match as a name': 'match = 1\nprint(match)\n',
  'except without brackets (3.14)': 'try:\n    pass\nexcept A, B:\n    pass\n',
  'except*': 'try:\n    pass\nexcept* A:\n    pass\n',
  walrus: 'if (n := len(a)) > 10:\n    pass\nx = {y: (z := 1)}\n',
  'a star in an index': 'x[*a]\n',
  'with in brackets': 'with (open(a) as b, open(c) as d):\n    pass\n',
  'a decorator that is any expression': '@a[0].b(1)\ndef f():\n    pass\n',
  'a form feed before a function': 'x = 1\n\f\ndef f():\n    pass\n',
  'a lambda that yields': 'f = lambda *a, **k: (yield)\n',
  'names beyond ASCII': 'ﬁle = 1\nπ = 3\n',
};
const notYet = {
  'defaults of type parameters (3.13)': 'class A[T = int]: ...\n',
  'lazy import (3.15)': 'lazy import json\n',
};

describe('the tree of Python', () => {
  it.each(Object.entries(understood))('understands %s', (_, text) => {
    expect(read(text)).toEqual({ error: false, last: 'after' });
  });

  it.each(Object.entries(notYet))('goes on after %s, which it does not know', (_, text) => {
    expect(read(text)).toEqual({ error: true, last: 'after' });
  });
});
