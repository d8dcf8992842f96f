/** Where there is nothing to show, or something failed, the panel says what leads on, and it does. */
import { describe, expect, it } from 'vitest';
import { conversation, fakeRuntime } from './fakeModel';

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('without something to show', () => {
  it('the walkthrough is offered where no Python file is open, and opens', async () => {
    const { session, last, ask, done } = conversation();
    await session.update();
    expect(last('empty')).toMatchObject({ busy: false, ways: ['walkthrough'] });
    await ask('way', { way: 'walkthrough' });
    await ask('way', { way: 'model' });
    expect(done).toEqual(['open walkthrough', 'open model']);
  });

  it('another model, or the same once more, where one cannot be loaded', async () => {
    const fake = fakeRuntime();
    let broken = true;
    const failing = {
      ...fake,
      get runtime() {
        if (broken) throw new Error('a file of the bundle was changed; choose a model');
        return fake.runtime;
      },
    };
    const { move, last, ask } = conversation(failing);
    await move('abcd', 1);
    expect(last('empty')).toMatchObject({
      ...{ text: expect.stringContaining('was changed') as string, ways: ['model', 'again'] },
    });
    expect(last('subject')).toBeUndefined();
    broken = false;
    await ask('way', { way: 'again' });
    expect(last('subject')!.subject.model).toBe('fake');
  });
});

it('a part that failed is worked out again', async () => {
  const fake = fakeRuntime();
  const { circuit } = fake.runtime;
  Object.assign(fake.runtime, { circuit: () => Promise.reject(new Error('the worker has ended')) });
  const { move, last, ask } = conversation(fake);
  await move('abcd', 1);
  await settled();
  expect(last('problem')).toMatchObject({ part: 'circuit', text: 'the worker has ended' });
  expect(last('circuit')).toBeUndefined();
  Object.assign(fake.runtime, { circuit });
  await ask('way', { way: 'again' });
  await settled();
  expect(last('circuit')!.circuit.nodes.length).toBeGreaterThan(0);
  // The page gives up what it said of the one before.
  expect(last('circuit')!.seq).toBeGreaterThan(last('problem')!.seq);
});
