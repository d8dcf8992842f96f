/**
 * Fetches the ordinary Python text: `node fetch-debian.mjs DIR`, on Debian 12.
 *
 * Downloads the packages of debian.json with apt-get into DIR/debs (a .deb that is already there
 * is used again), unpacks each and keeps the .py files in DIR/PART/NAME. Parts are `train`, `heldout`,
 * which never changes so that losses on it stay comparable, and `heldout-newer`, held out since there
 * is more to train on. In DIR and in every part a corpus.json lists packages, versions, licences and
 * sizes.
 */
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';

/** The .deb of a package in `debs`, downloaded if it is not there yet. */
function fetchDeb(debs, { name, version }) {
  const file = () => fs.readdirSync(debs).find((f) => f.startsWith(`${name}_`));
  if (!file()) {
    try {
      execFileSync('apt-get', ['download', `${name}=${version}`], { cwd: debs, stdio: 'pipe' });
    } catch {
      // Debian replaces a version by its security update and keeps only the newest.
      execFileSync('apt-get', ['download', name], { cwd: debs, stdio: 'inherit' });
    }
  }
  return path.join(debs, file());
}

/** Copies every regular .py file below `from` to the same place below `to`; counts them. */
function copyPython(from, to) {
  let files = 0;
  let bytes = 0;
  for (const entry of fs.readdirSync(from, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith('.py')) continue;
    const source = path.join(entry.parentPath, entry.name);
    const target = path.join(to, path.relative(from, source));
    fs.mkdirSync(path.dirname(target), { recursive: true });
    fs.copyFileSync(source, target);
    files += 1;
    bytes += fs.statSync(target).size;
  }
  return { files, bytes };
}

/** Downloads and unpacks one package; returns its line for corpus.json. */
function addPackage(dir, entry) {
  const target = path.join(dir, entry.part, entry.name);
  const deb = fetchDeb(path.join(dir, 'debs'), entry);
  const unpacked = fs.mkdtempSync(path.join(dir, 'unpack-'));
  try {
    execFileSync('dpkg-deb', ['-x', deb, unpacked]);
    fs.rmSync(target, { recursive: true, force: true });
    const version = execFileSync('dpkg-deb', ['-f', deb, 'Version'], { encoding: 'utf8' }).trim();
    return { ...entry, version, ...copyPython(unpacked, target) };
  } finally {
    fs.rmSync(unpacked, { recursive: true, force: true });
  }
}

function main(dir) {
  if (!dir) throw new Error('say where to: node fetch-debian.mjs DIR');
  fs.mkdirSync(path.join(dir, 'debs'), { recursive: true });
  const list = JSON.parse(fs.readFileSync(path.join(import.meta.dirname, 'debian.json'), 'utf8'));
  const packages = list.map((entry) => {
    const line = addPackage(dir, entry);
    console.log(`${line.name} ${line.version}: ${line.files} files, ${line.bytes} bytes`);
    return line;
  });
  const write = (folder, lines) =>
    fs.writeFileSync(
      path.join(dir, folder, 'corpus.json'),
      JSON.stringify({ source: 'Debian 12 (bookworm)', packages: lines }, null, 2) + '\n',
    );
  write('', packages);
  for (const part of new Set(list.map((entry) => entry.part))) {
    write(
      part,
      packages.filter((line) => line.part === part),
    );
  }
}

try {
  main(process.argv[2]);
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
