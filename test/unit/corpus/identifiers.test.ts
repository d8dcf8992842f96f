import { expect, it } from 'vitest';
import { Tokenizer } from '../../../models/tokenizer/tokenizer';
import { corpusIdentifiers } from '../../../models/training/corpus/identifiers';

const tokenizer = Tokenizer.load('models/bundles/python-sparse/tokenizer.json');

it('names of variables come by how often they occur, without keywords, classes and rare ones', () => {
  const text = 'socket = Socket()\nreturn socket, address\n'.repeat(3) + 'address = once\n';
  const stream = tokenizer.encodeIds(text);
  expect(corpusIdentifiers(stream, tokenizer)).toEqual(['socket', 'address']);
  expect(corpusIdentifiers(tokenizer.encodeIds(text + 'address\n'.repeat(9)), tokenizer)).toEqual([
    'address',
    'socket',
  ]);
});
