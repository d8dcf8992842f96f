/** What is installed into the cache is there whole or not at all, when its maker is killed. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';

const FILES = 5;
const scratch = mkdtempSync(join(tmpdir(), 'circuitscope-cache-'));
const cache = join(scratch, 'circuitscope');
afterAll(() => {
  rmSync(scratch, { recursive: true });
});

/** Installs a folder of files, one after the other; says of each that it is there. */
function installer(pause: number) {
  const program = `
    import { mkdirSync, writeFileSync } from 'node:fs';
    import { join } from 'node:path';
    import { intoCache } from ${JSON.stringify(join(process.cwd(), 'tools/cache.mjs'))};
    await intoCache('thing', async (dir) => {
      mkdirSync(dir);
      for (let i = 0; i < ${FILES}; i++) {
        writeFileSync(join(dir, 'file' + i), 'text');
        console.log(i);
        await new Promise((resolve) => setTimeout(resolve, ${pause}));
      }
    });`;
  return spawn(process.execPath, ['--input-type=module', '--eval', program], {
    env: { ...process.env, XDG_CACHE_HOME: scratch },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

it('an installation that is killed leaves nothing that looks installed, and the next one clears it away', async () => {
  const killed = installer(60_000);
  await once(killed.stdout, 'data');
  killed.kill('SIGKILL');
  await once(killed, 'exit');
  expect(existsSync(join(cache, 'thing'))).toBe(false);
  expect(readdirSync(cache)).toHaveLength(1);
  const [code] = (await once(installer(0), 'exit')) as [number];
  expect(code).toBe(0);
  expect(readdirSync(cache)).toEqual(['thing']);
  expect(readdirSync(join(cache, 'thing'))).toHaveLength(FILES);
});
