import { expect, it } from 'vitest';
import { cancellable, codeOfSignal } from '../../../models/cli/signals';

it('cancels at the first signal, leaves the next to the system, and has the exit code of the first', async () => {
  const before = process.listeners('SIGTERM');
  const own = () => process.listeners('SIGTERM').filter((one) => !before.includes(one));
  expect(codeOfSignal()).toBeUndefined();
  await cancellable((signal) => {
    const [stop, ...more] = own();
    expect(more).toEqual([]);
    stop('SIGTERM');
    expect(signal.aborted).toBe(true);
    expect(own()).toEqual([]);
    return Promise.resolve();
  });
  expect(codeOfSignal()).toBe(143);
});
