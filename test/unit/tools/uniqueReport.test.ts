import { describe, expect, it } from 'vitest';
import { uniquePart } from '../../../tools/report/unique.mjs';
import { model } from '../../support/report';

describe('what many searches came to', () => {
  const cores = [30, 42].map((nodes) => ({ nodes, edges: 2 * nodes }));
  const one = {
    ...{ task: 'one', seeds: 3, cores, jaccard: 0.456 },
    ...{ common: 17, withoutCommon: [{ nodes: 51, edges: 9 }], peeled: cores },
    ...{ peeledAll: true, stopped: false },
  };

  it('is a row for each task, by model', () => {
    const none = { ...one, task: 'two', cores: [], jaccard: null, common: 0, withoutCommon: [] };
    const alone = {
      ...one,
      task: 'three',
      withoutCommon: [],
      peeled: [cores[0]],
      peeledAll: false,
    };
    const before = { ...one, task: 'four', withoutCommon: { nodes: 51, edges: 9 } };
    const unique = [one, { ...none, peeled: [], peeledAll: false }, alone, before];
    const part = uniquePart([model('python-sparse', []), { ...model('other', []), unique }]);
    expect(part).toContain('### other');
    expect(part).not.toContain('### python-sparse');
    expect(part).toContain(
      '| `one` | 2 of 3 | 30 to 42 | 45.6 % | 17 | 1 of 3: 51 nodes | 2 or more | 30 to 42 |',
    );
    expect(part).toContain('| `two` | 0 of 3 |  |  | 0 |  | 0 |  |');
    expect(part).toContain('| `three` | 2 of 3 | 30 to 42 | 45.6 % | 17 | 0 of 3 | 1 | 30 |');
    // Of earlier versions one seed alone was tried.
    expect(part).toContain(
      '| `four` | 2 of 3 | 30 to 42 | 45.6 % | 17 | 1 of 1: 51 nodes | 2 or more | 30 to 42 |',
    );
    expect(part.join()).not.toContain('stopped by the clock');
  });

  it('says where the time ran out, and nothing where there was no search', () => {
    const unique = [{ ...one, stopped: true }];
    expect(uniquePart([{ ...model('other', []), unique }])).toContain(
      'Some search of `one` was stopped by the clock.',
    );
    expect(uniquePart([model('other', [])])).toEqual([]);
  });
});
