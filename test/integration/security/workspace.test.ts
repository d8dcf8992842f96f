/** What a workspace holds cannot lead out of it, into models that nobody trusts, or to other commands. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { commandLink, LINKED_COMMANDS } from '../../../extension/hover/links';
import { hoverMarkdown } from '../../../extension/hover/markdown';
import { fileName } from '../../../models/keptFiles';
import { bundleFolder } from '../../../extension/model/bundles';
import { pageHtml } from '../../../extension/panel/html';
import { tinyConfig } from '../../support/models';
import { SEED, texts } from '../../unit/fuzz/arbitraries';

const root = mkdtempSync(join(tmpdir(), 'circuitscope-workspace-'));
afterAll(() => {
  rmSync(root, { recursive: true });
});
const options = { seed: SEED, numRuns: 200 };

/** A folder that passes for a bundle. */
function bundle(...path: string[]): string {
  const dir = join(root, ...path);
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, 'bundle.json'), '{}');
  return dir;
}

describe('a bundle of a workspace that is not trusted', () => {
  bundle('shipped', 'python-sparse');
  const own = bundle('workspace', 'mine');
  const link = join(root, 'link');
  symlinkSync(join(root, 'workspace'), link);
  const places = { shipped: join(root, 'shipped'), workspace: [link], trusted: false };

  it('is refused, also when a symbolic link leads to it', () => {
    expect(() => bundleFolder(own, places)).toThrow(/not trusted/);
    expect(() => bundleFolder(join(link, 'mine'), places)).toThrow(/not trusted/);
    const outside = { ...places, workspace: [join(root, 'workspace')] };
    expect(() => bundleFolder(join(link, 'mine'), outside)).toThrow(/not trusted/);
  });

  it('is not found by a name, in whatever folder the editor was started', () => {
    const before = process.cwd();
    try {
      process.chdir(join(root, 'workspace'));
      expect(() => bundleFolder('mine', places)).toThrow(
        /no bundle ‘mine’ is shipped; write .\/mine/,
      );
    } finally {
      process.chdir(before);
    }
  });
});

describe('the file of a set', () => {
  it('stays in its folder, whatever the set is called', () => {
    fc.assert(
      fc.property(fc.oneof(texts(), fc.constantFrom('..', '../../x', 'a/b', 'C:\\x')), (name) => {
        expect(fileName(name)).toMatch(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,120}$/);
        expect(fileName(name)).not.toContain('..json');
      }),
      options,
    );
  });
});

describe('a hover', () => {
  const place = { uri: 'file:///a.py', line: 1, character: 2 };
  const link = /\]\(([^)]*)\)/g;
  const ours = new RegExp(`^command:(${LINKED_COMMANDS.join('|').replaceAll('.', '\\.')})\\?`);

  it('has links to our commands only, whatever the file, the tokens and the document are called', () => {
    fc.assert(
      fc.property(texts(), texts(4), (text, uri) => {
        const candidate = {
          id: 0,
          text,
          share: 0.5,
          partial: false,
          part: null,
          before: null,
          observed: true,
        };
        const content = {
          view: {
            ...{
              token: 3,
              text,
              inForce: { ablations: 0, nodes: 0 },
              ...{ partial: false, part: null },
              surpriseBefore: null,
            },
            ...{ surprise: { bits: 1, rank: 1 }, candidates: [candidate] },
            trace: { logprobs: new Float32Array(0), sites: [] },
          },
          rows: [
            {
              ...{ node: '0.mlp.post_act.1', activation: 1, effect: 1 },
              ...{ meaning: text, scores: text },
            },
          ],
          ...{ config: tinyConfig(), bridgedTo: text, place: { ...place, uri }, note: text },
          whyNot: { text, partial: false, part: null },
        };
        for (const detail of ['compact', 'full'] as const) {
          const markdown = hoverMarkdown({ ...content, detail });
          const links = [...markdown.matchAll(link)];
          expect(links.length).toBeGreaterThan(1);
          for (const [, address] of links) expect(address).toMatch(ours);
          expect(markdown.replace(link, '').includes('command:')).toBe(false);
        }
      }),
      options,
    );
  });

  it('has links that say what they were made of', () => {
    fc.assert(
      fc.property(texts(), texts(3), (node, uri) => {
        const args = { node, ...place, uri };
        const made = commandLink('x', 'circuitscope.ablateNode', args, 'Title');
        const query = /^\[x\]\(command:[\w.]+\?([^\s"()]*) "Title"\)$/.exec(made)![1];
        expect(JSON.parse(decodeURIComponent(query))).toEqual([args]);
      }),
      options,
    );
  });
});

describe('the panel’s page', () => {
  it('runs one script of ours and loads nothing from elsewhere', () => {
    const page = pageHtml({ script: 'S', sheet: 'C', source: 'https://w.test', nonce: 'N1' });
    const [, policy] = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)!;
    const rules = Object.fromEntries(
      policy.split('; ').map((rule) => [rule.split(' ')[0], rule.split(' ').slice(1)]),
    );
    expect(rules['default-src']).toEqual(["'none'"]);
    expect(rules['script-src']).toEqual(["'nonce-N1'"]);
    expect(rules['base-uri']).toEqual(["'none'"]);
    expect(rules['form-action']).toEqual(["'none'"]);
    expect(policy).not.toMatch(/unsafe|\*|https?:(?!\/\/w\.test)/);
    for (const rule of ['connect-src', 'frame-src', 'object-src', 'worker-src']) {
      expect(rules[rule]).toBeUndefined(); // As by default: none.
    }
    expect(page.match(/<script\b/g)).toHaveLength(1);
    expect(page).not.toMatch(/\son\w+=|style=/);
  });
});
