// @ts-check
/** Where the source is published: whoever packs says it once, and the manifest's fields follow. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { URL } from 'node:url';
import { writeWhole } from './files.mjs';
import { ToolError } from './processes.mjs';

/** Hosts whose addresses of raw files are known to who packs. */
const KNOWN_HOSTS = ['github.com', 'gitlab.com'];
/** Signals that end a program, and what is then its exit code. */
const SIGNALS = /** @type {const} */ ({ SIGINT: 130, SIGTERM: 143 });

/**
 * The manifest's fields that name a repository.
 * @param {string} address of the repository's page
 * @throws {ToolError} when it is no https address of one
 */
export function repositoryFields(address) {
  const refused = (/** @type {string} */ why) =>
    new ToolError(
      `--repository ${address} ${why}; give the https address of the repository’s page, as https://github.com/OWNER/NAME`,
    );
  if (!URL.canParse(address) || /\s/.test(address)) throw refused('is no address');
  const { protocol, host, hostname, pathname, search, hash, username, password } = new URL(address);
  if (protocol !== 'https:') throw refused('is no https address');
  if (username !== '' || password !== '') throw refused('has a name or password in it');
  if (search !== '' || hash !== '') throw refused('has a query or a fragment');
  const path = pathname.replace(/\/+$/, '').replace(/\.git$/, '');
  if (!hostname.includes('.') || path.split('/').length < 3) throw refused('names no repository');
  const page = `https://${host}${path}`;
  return {
    repository: { type: 'git', url: `${page}.git` },
    bugs: { url: hostname === 'gitlab.com' ? `${page}/-/issues` : `${page}/issues` },
    homepage: `${page}#readme`,
  };
}

/**
 * Whether pictures of a page can be found by the repository alone.
 * @param {{ repository?: { url?: string } | string }} manifest
 */
export function findsPictures({ repository }) {
  const url = typeof repository === 'string' ? repository : repository?.url;
  return url !== undefined && URL.canParse(url) && KNOWN_HOSTS.includes(new URL(url).hostname);
}

/**
 * Does some work while the manifest of a folder has some more fields; afterwards, or when the program is
 * stopped meanwhile, it is what it was.
 * @template T
 * @param {string} dir
 * @param {object | null} fields
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withFields(dir, fields, work) {
  if (fields === null) return await work();
  const file = join(dir, 'package.json');
  const before = readFileSync(file, 'utf8');
  const handlers = Object.entries(SIGNALS).map(([signal, code]) => {
    const handler = () => {
      writeWhole(file, before);
      process.exit(code);
    };
    process.once(signal, handler);
    return /** @type {const} */ ([signal, handler]);
  });
  try {
    writeWhole(file, `${JSON.stringify({ ...JSON.parse(before), ...fields }, null, 2)}\n`);
    return await work();
  } finally {
    writeWhole(file, before);
    for (const [signal, handler] of handlers) process.off(signal, handler);
  }
}
