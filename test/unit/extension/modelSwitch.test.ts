/** After another model is chosen nothing of the one before is kept: its thread is closed, its numbers are let go. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { HoverWork } from '../../../extension/hover/work';
import { conversation, fakeRuntime } from '../panel/fakeModel';

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;

/** Everything that may hold on to a model: documents, traces, effects, meanings, a hover and a panel. */
function opened() {
  const fake = { ...fakeRuntime('a') };
  const parts = conversation(fake);
  const { documents, traces, store, models } = parts.parts;
  // As the panel does it.
  models.replaced.on(() => {
    parts.session.forget();
  });
  return { ...parts, fake, models, work: new HoverWork({ documents, traces, store }) };
}

/** Runs a model, watched: its thread, what it says of itself, and the largest of what is kept of its answers. */
async function used({ fake, parts, move, ask, work }: ReturnType<typeof opened>, hash: string) {
  const { runtime } = fakeRuntime(hash);
  const kept: WeakRef<object>[] = [new WeakRef(runtime), new WeakRef(runtime.info)];
  let closed = 0;
  fake.runtime = Object.assign(runtime, {
    close: () => Promise.resolve(void closed++),
  });
  await move('abcd', 1);
  await ask('card', { node: '0.mlp.post_act.3', token: 1 });
  // Nobody looks at the file of the first model again.
  const uri = { toString: () => `file:///under-${hash}.py` };
  const token = await work.pointed(
    { uri, version: 1, getText: () => 'dcba' },
    { line: 0, character: 1 },
  );
  kept.push(new WeakRef(token!.snapshot), new WeakRef(token!.view.trace));
  kept.push(new WeakRef(await token!.leading()));
  const meant = await parts.meanings.of(token!.snapshot.info, token!.strongest);
  expect(meant.size).toBe(1);
  return { kept, closed: () => closed };
}

it('a model that was replaced is closed, and nothing of it stays', async () => {
  const all = opened();
  const first = await used(all, 'a');
  expect(first.kept.length).toBe(5);
  await all.models.reset();
  expect(first.closed()).toBe(1);
  const second = await used(all, 'b');
  await expect
    .poll(() => {
      gc();
      return first.kept.map((ref) => ref.deref()).filter((one) => one !== undefined);
    })
    .toEqual([]);
  // What is in use is still there, which says that the test can tell.
  expect(second.kept.every((ref) => ref.deref() !== undefined)).toBe(true);
  expect(second.closed()).toBe(0);
});
