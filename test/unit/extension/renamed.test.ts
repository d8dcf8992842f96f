/** What people made of a file stays with it when it is renamed. */
import { expect, it } from 'vitest';
import { renamed } from '../../../extension/renamed';
import { conversation } from '../panel/fakeModel';

it.each([
  ['a file', 'file:///w/a.py', 'file:///w/a.py', 'file:///w/b.py', 'file:///w/b.py'],
  [
    'a folder above it',
    'file:///w/src/a.py',
    'file:///w/src',
    'file:///w/lib',
    'file:///w/lib/a.py',
  ],
  [
    'a folder of a like name',
    'file:///w/src2/a.py',
    'file:///w/src',
    'file:///w/lib',
    'file:///w/src2/a.py',
  ],
  ['the notebook of a cell', 'vscode-notebook-cell:/w/a.ipynb#W1', 'file:///w/a.ipynb', 'file:///w/b.ipynb', 'vscode-notebook-cell:/w/b.ipynb#W1'], // prettier-ignore
  ['a file of another place', 'git:/w/a.py', 'file:///w/a.py', 'file:///w/b.py', 'git:/w/a.py'],
  ['a file on another machine', 'vscode-remote://one/w/a.py', 'vscode-remote://two/w', 'vscode-remote://two/x', 'vscode-remote://one/w/a.py'], // prettier-ignore
])('%s is renamed', (_what, uri, from, to, now) => {
  expect(renamed(uri, from, to)).toBe(now);
});

it('a pin stays with its token', async () => {
  const { session, last, move } = conversation();
  await move('abcd', 1);
  session.pin(true);
  session.movePin((anchor) => ({
    ...anchor,
    uri: renamed(anchor.uri, 'file:///a.py', 'file:///b.py'),
  }));
  expect(last('pinned')).toMatchObject({ place: { uri: 'file:///b.py', token: 1 }, lost: false });
});
