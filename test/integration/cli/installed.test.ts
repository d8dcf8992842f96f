/** The command line as `npm pack` packs it, installed elsewhere and run by its name. */
import { execFileSync, type ExecFileSyncOptions } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { built } from '../runtime/built';
import { temporaryFolder } from '../runtime/bundles';
import { linksOf } from '../../support/links';

const folder = temporaryFolder();
afterAll(() => {
  folder.remove();
});

const windows = process.platform === 'win32';
const npm = (args: string[], options: ExecFileSyncOptions = {}) =>
  execFileSync('npm', args, { ...options, encoding: 'utf8', shell: windows, stdio: 'pipe' });
const command = windows
  ? join(folder.dir, 'circuitscope.cmd')
  : join(folder.dir, 'bin', 'circuitscope');

beforeAll(() => {
  built('cli.js');
  npm(['pack', '--ignore-scripts', '--pack-destination', folder.dir]);
  const [archive] = readdirSync(folder.dir).filter((name) => name.endsWith('.tgz'));
  const install = ['install', '--global', '--prefix', folder.dir, '--ignore-scripts'];
  npm([...install, '--prefer-offline', '--no-audit', '--no-fund', join(folder.dir, archive)]);
});

const run = (...args: string[]) =>
  execFileSync(command, args, { encoding: 'utf8', cwd: folder.dir, shell: windows });

it('is a program of its own', () => {
  expect(run('--help')).toMatch(/^circuitscope COMMAND/);
});

it('finds its models and its threads', () => {
  const sample = join(import.meta.dirname, '../../../samples/inventory.py');
  const place = ['--line', '12', '--column', '20', '--json'];
  const report = JSON.parse(run('trace', sample, ...place)) as { bundle: { name: string } };
  expect(report.bundle.name).toBe('python-sparse');
});

const root = join(folder.dir, ...(windows ? [] : ['lib']), 'node_modules', 'circuitscope');

it('brings the pages that its README leads to', () => {
  const links = linksOf(readFileSync(join(root, 'README.md'), 'utf8'));
  expect(links.length).toBeGreaterThan(5);
  expect(links.filter((link) => !existsSync(join(root, link)))).toEqual([]);
});

it.each(['trace', 'steer'])('%s --help names a page that is there', (name) => {
  const pages = run(name, '--help').match(/\S+\.md$/gm);
  expect(pages).toHaveLength(1);
  expect(existsSync(pages![0])).toBe(true);
});

it('finds what training takes', () => {
  const config = join(root, 'models', 'training', 'configs', 'python-sparse.json');
  expect(existsSync(config)).toBe(true);
  expect(existsSync(join(root, 'models', 'training', 'torch', 'train.py'))).toBe(true);
});
