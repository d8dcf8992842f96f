import { join } from 'node:path';
import { expect, it } from 'vitest';
import { recordedCommand } from '../../../models/cli/trainRecord';

const given = {
  ...{ configFile: '/home/me/small.json', corpusDirs: ['/a', '/b'], from: null },
  ...{ bundlesDir: '/bundles', tokenizerFile: join('/bundles', 'python-sparse', 'tokenizer.json') },
};
const START = 'circuitscope train small.json';
const millions = (ordinary: number, generated: number) => ({
  tokens: { ordinary: 1e6 * ordinary, generated: 1e6 * generated },
});

it.each([
  ['', {}, `${START} --corpus CORPUS CORPUS2 --out RUN`],
  ['--from', { from: '/x' }, `${START} --corpus CORPUS CORPUS2 --from BUNDLE --out RUN`],
  [
    '--tokenizer',
    { tokenizerFile: '/my/tokenizer.json' },
    `${START} --corpus CORPUS CORPUS2 --tokenizer TOKENIZER --out RUN`,
  ],
  ['--engine torch', millions(30, 30), `${START} --engine torch --corpus CORPUS CORPUS2 --out RUN`],
  [
    '--engine torch --ordinary --generated',
    millions(0.5, 12),
    `${START} --engine torch --corpus CORPUS CORPUS2 --ordinary 0.5 --generated 12 --out RUN`,
  ],
])('a card’s command has %s where it was given', (_, changes, command) => {
  expect(recordedCommand({ ...given, ...changes })).toBe(command);
});

it('a card’s command has no tokenizer where a bundle’s own was kept', () => {
  const both = { ...given, from: '/x', tokenizerFile: '/my/tokenizer.json' };
  expect(recordedCommand(both)).not.toContain('--tokenizer');
});
