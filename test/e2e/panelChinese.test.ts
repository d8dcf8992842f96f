/** The panel where the editor speaks Chinese. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { speak, type Words } from '../../shared/l10n';
import { patiently } from './panelPage';
import type { Stage } from './panelStage';

const file = join(import.meta.dirname, '../../l10n/bundle.l10n.zh-cn.json');
const words = JSON.parse(readFileSync(file, 'utf8')) as Words;

let stage: Stage;
let atShape: (stage: Stage) => Promise<void>;
beforeAll(async () => {
  // As in the editor: first the language, then the extension.
  speak({ name: 'zh-cn', words });
  const shared = await import('./sharedStage');
  ({ atShape } = shared);
  stage = await shared.sharedStage();
});
afterAll(async () => {
  speak(null);
  await stage.close();
});

/** What stands in the page and in its elements' names and titles, but for texts of files and names. */
async function texts(): Promise<string[]> {
  const found = await stage.frame.evaluate<string[]>(`[
    ...[...document.body.querySelectorAll('*')].flatMap((element) => [
      ...[...element.childNodes]
        .filter(({ nodeType }) => nodeType === 3 && !element.closest('bdi, style, svg.arcs text'))
        .map(({ data }) => data),
      ...['title', 'aria-label', 'placeholder'].map((name) => element.getAttribute(name) ?? ''),
    ]),
  ]`);
  return [...new Set(found.map((text) => text.trim()).filter((text) => text !== ''))];
}

test('says in Chinese what to do without an editor', async () => {
  await patiently(() => stage.frame.locator('.empty').innerText()).toMatch(/打开一个 Python 文件/);
  expect(await stage.frame.locator('html').getAttribute('lang')).toBe('zh-cn');
});

test('has nothing in English but names, in any view, in the story and on the card', async () => {
  const { frame, problems } = stage;
  await atShape(stage);
  await patiently(() => frame.locator('.counts').innerText()).toMatch(/个活跃节点中/);
  await patiently(() => frame.locator('.story').innerText()).toMatch(/在逐个消融的 \d+ 个节点中/);
  for (const view of ['逐层', '注意力', '表格']) {
    await frame.locator('vscode-button:visible').filter({ hasText: view }).first().click();
    await stage.page.waitForTimeout(500);
    const english = (await texts()).filter((text) => Object.hasOwn(words, text) && words[text] !== text); // prettier-ignore
    expect(english).toEqual([]);
  }
  await frame.locator('.nodes tbody input').first().check();
  await patiently(() => frame.locator('.node-card').innerText()).toMatch(/沿文件的激活值/);
  const sentences = (await texts()).filter((text) => /\b(the|of|and|is|with)\b/i.test(text));
  expect(sentences).toEqual([]);
  expect(problems).toEqual([]);
});
