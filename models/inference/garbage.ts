/** Memory that nobody holds any more goes back to the system at once. */
import { setImmediate } from 'node:timers/promises';

const BYTES = 64 * 2 ** 20;
const ARRAYS = 4;

/**
 * Has JavaScript collect what nobody holds. It does so when arrays outside its heap become many, and not
 * because a thread rests; so large ones are made and dropped. Nobody writes into them, so that they take
 * no memory themselves.
 */
export async function collectGarbage(): Promise<void> {
  for (let i = 0; i < ARRAYS; i++) {
    new ArrayBuffer(BYTES);
    await setImmediate();
  }
}
