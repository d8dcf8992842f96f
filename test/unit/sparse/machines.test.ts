import { expect, it } from 'vitest';
import { Machines } from '../../../models/sparse/machines';

it('takes up a machine that was given back, emptied, before it makes another', async () => {
  const machines = new Machines(1);
  const first = machines.take();
  const start = first.free;
  const data = Float32Array.of(1, 2, 3);
  const address = first.array(data);
  expect(first.free).toBeGreaterThan(start);
  const second = machines.take();
  expect(second).not.toBe(first);
  machines.give(first);
  expect(machines.take()).toBe(first);
  expect(first.free).toBe(start);
  // What it held is forgotten: another array may lie there, and the same is copied anew.
  expect(first.array(Float32Array.of(7, 8, 9))).toBe(address);
  expect([...first.floats(first.array(data), 3)]).toEqual([1, 2, 3]);
  machines.give(first);
  machines.give(second);
  await machines.release();
});
