/** Files that people and workspaces have: read whole as text, or refused in one line that says why. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { openFolders, reset, Uri, workspace } from '../../support/fakeEditor';

vi.mock('vscode', () => import('../../support/fakeEditor'));
const { readText } = await import('../../../extension/readText');

const dir = mkdtempSync(join(tmpdir(), 'circuitscope-text-'));
afterAll(() => {
  rmSync(dir, { recursive: true });
});
beforeEach(() => {
  reset();
  openFolders(dir);
});

const MOST = 32 * 2 ** 20;
type File = Parameters<typeof readText>[0];
const at = (path: string) => Uri.file(path) as unknown as File;
const read = (name: string) => readText(at(join(dir, name)));
/** A file of some bytes, read. */
const written = (name: string, bytes: Uint8Array | string) => {
  writeFileSync(join(dir, name), bytes);
  return read(name);
};
const utf16 = (text: string, littleEndian: boolean) => {
  const bytes = Buffer.from(text, 'utf16le');
  return littleEndian ? bytes : bytes.swap16();
};

describe('a text file', () => {
  it('is read as it is, without a byte order mark', async () => {
    const text = '{"name": "größe 🎈"}\r\n';
    expect(await written('plain.json', text)).toBe(text);
    expect(await written('bom.json', `\ufeff${text}`)).toBe(text);
    expect(await written('empty.json', '')).toBe('');
  });

  it.each([true, false])(
    'may be UTF-16 with a byte order mark, little endian: %s',
    async (little) => {
      expect(await written('wide.json', utf16('\ufeffx = "é🎈"\n', little))).toBe('x = "é🎈"\n');
    },
  );

  it('of other bytes is refused, and not read as something else', async () => {
    for (const bytes of [Buffer.from('caf\xe9', 'latin1'), Buffer.from([0x80, 0xff, 0x00])]) {
      await expect(written('bytes.json', bytes)).rejects.toThrow(/^bytes\.json[^\n]+$/);
    }
  });

  it('is read through a link', async () => {
    writeFileSync(join(dir, 'there.json'), '{}');
    symlinkSync(join(dir, 'there.json'), join(dir, 'link.json'));
    expect(await read('link.json')).toBe('{}');
  });
});

describe('what is no file of text', () => {
  it('is refused before it is opened: a folder, a pipe that nobody writes to, a device', async () => {
    const opened: string[] = [];
    const { readFile } = workspace.fs;
    vi.spyOn(workspace.fs, 'readFile').mockImplementation((uri) => {
      opened.push(uri.path);
      return readFile(uri);
    });
    mkdirSync(join(dir, 'folder'));
    execFileSync('mkfifo', [join(dir, 'pipe')]);
    symlinkSync('/dev/zero', join(dir, 'device'));
    for (const name of ['folder', 'pipe', 'device']) {
      await expect(read(name)).rejects.toThrow(
        `${name} is a folder, a device or a pipe; choose a file`,
      );
    }
    await expect(readText(at('/dev/urandom'))).rejects.toThrow(/a device or a pipe/);
    expect(opened).toEqual([]);
    vi.restoreAllMocks();
  });

  it('is refused when it is missing, or a link to nothing', async () => {
    symlinkSync(join(dir, 'nowhere'), join(dir, 'dangling'));
    for (const name of ['missing.json', 'dangling']) {
      await expect(read(name)).rejects.toThrow(`${name} cannot be read; check the file`);
    }
  });

  it('is refused in the same words when it may not be read', async () => {
    writeFileSync(join(dir, 'secret.json'), '{}');
    const denied = new Error('EACCES: permission denied\n  at open');
    vi.spyOn(workspace.fs, 'readFile').mockRejectedValue(denied);
    await expect(read('secret.json')).rejects.toThrow('secret.json cannot be read; check the file');
    vi.restoreAllMocks();
  });

  it('is refused when it is larger than the bound, and read when it is as large', async () => {
    writeFileSync(join(dir, 'large.json'), '');
    truncateSync(join(dir, 'large.json'), MOST + 1);
    await expect(read('large.json')).rejects.toThrow(
      'large.json is 33 MB, over the limit of 32; choose a smaller file',
    );
    writeFileSync(join(dir, 'full.json'), Buffer.alloc(MOST, ' '));
    expect(await read('full.json')).toHaveLength(MOST);
  });
});
