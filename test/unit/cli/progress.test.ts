/** How far a long command is, where nobody watches standard error: a line now and then, never in the output. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

const { written } = vi.hoisted(() => ({ written: vi.fn() }));
vi.mock('node:fs', async (original) => ({
  ...(await original<typeof import('node:fs')>()),
  writeSync: written,
}));

const SECOND = 1000;
const said: string[] = [];
beforeEach(() => {
  // Each test is a process of its own.
  vi.resetModules();
  vi.useFakeTimers({ toFake: ['performance'] });
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => said.push(String(text)) > 0);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  said.length = 0;
});
const pass = (seconds: number) => vi.advanceTimersByTime(seconds * SECOND);

/** A command that tells how far it is each second; how many seconds lay before each of its lines. */
async function linesOf(seconds: number): Promise<number[]> {
  const { showProgress } = await import('../../../models/cli/command');
  return Array.from({ length: seconds }, (_, i) => i).filter((i) => {
    const before = said.length;
    showProgress('files:', i, seconds);
    pass(1);
    return said.length > before;
  });
}

describe.skipIf(process.stderr.isTTY)('a long command says how far it is', () => {
  it('on lines of their own, ten seconds apart and later up to a minute, and not in its output', async () => {
    const lines = await linesOf(3000);
    expect(lines.slice(0, 3)).toEqual([10, 20, 30]);
    const apart = lines.map((at, i) => at - (lines[i - 1] ?? 0));
    expect([Math.min(...apart), Math.max(...apart)]).toEqual([10, 60]);
    expect(said[0]).toBe('files: 10/3000\n');
    expect(written).not.toHaveBeenCalled();
  });

  it('with the share that is done, of a search', async () => {
    const { withJob } = await import('../../../models/cli/circuitOptions');
    await withJob(({ onProgress }) => {
      onProgress!('12 nodes', 0.1);
      pass(100);
      onProgress!('11 nodes', 0.259);
      return Promise.resolve();
    });
    expect(said).toEqual(['25 % 11 nodes\n']);
  });
});
