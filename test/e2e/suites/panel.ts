import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { goTo, openFile, runCommand, screenshot, statusText, textOfFrames } from '../actions';
import { bars, button, drawn, exportAs, heading, panelFrame, patiently, press } from '../panelPage';
import type { Editor } from '../editor';

const CLI = join(import.meta.dirname, '../../../dist/cli.js');
/** `Shape` in `class Shape:`. */
const FILE = 'shapes.py';
const [LINE, COLUMN] = [6, 7];
const STORED_MS = 8000;

interface ExportedCircuit {
  readonly bundle: { readonly hash: string };
  readonly nodes: readonly { node: string; token: number; activation: number; effect: number }[];
}
interface Traced {
  readonly bundle: { readonly hash: string };
  readonly token: { readonly index: number };
  readonly predictions: readonly { text: string; logprob: number }[];
  readonly nodes: readonly { node: string; activation: number; effect?: number }[];
}

/**
 * The circuit panel in VS Code, from the first look to a reload: what it has from the editor and the
 * editor from it. What its page does by itself is tested in panelPage.test.ts and those beside it.
 */
export function panelTests(editor: () => Editor): void {
  const shared = () => inject('shared');
  const frame = () => panelFrame(editor().page);
  /** What the command line says of the same token. */
  const traced = (...options: string[]): Traced => {
    const at = ['--line', String(LINE), '--column', String(COLUMN), '--top', '0', '--json'];
    const args = [
      CLI,
      'trace',
      join(editor().folder, FILE),
      ...at,
      '--bundle',
      shared().bundle,
      ...options,
    ];
    return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as Traced;
  };
  /** The only exported file of an ending, once it is whole. */
  const exported = async (ending: string): Promise<string> => {
    const found = () => readdirSync(editor().folder).find((name) => name.endsWith(ending));
    await patiently(found).toBeDefined();
    return join(editor().folder, found()!);
  };
  const selectFirst = async () => {
    await press(await frame(), 'Table');
    await (await frame()).locator('.nodes tbody input').first().check();
    await patiently(async () => button(await frame(), 'zero').count()).toBe(1);
  };

  test('the panel shows the circuit of the token at the cursor, and follows it', async () => {
    const { page, log } = editor();
    // On a busy machine VS Code offers commands long before it knows who runs them.
    await patiently(() => log()).toMatch(/activated in/);
    await runCommand(page, 'View: Close All Editors');
    await openFile(page, FILE);
    await goTo(page, LINE, COLUMN);
    await runCommand(page, 'Circuitscope: Open Circuit');
    await patiently(async () => heading(await frame())).toContain('after ·S');
    await drawn(await frame());
    await screenshot(page, 'panel');
    await goTo(page, LINE, 1);
    await patiently(async () => heading(await frame())).toContain('class');
    await goTo(page, LINE, COLUMN);
    await patiently(async () => heading(await frame())).toContain('after ·S');
    await drawn(await frame());
  });

  test('one more panel stays at its token while the first follows the cursor; each is named by its token', async () => {
    const { page } = editor();
    /** What stands after which token; what is predicted is as it happens. */
    const titles = async () => {
      const texts = await page.locator('.tab').allInnerTexts();
      return texts.flatMap((text) => /^‘.+’ after (‘.+’)/.exec(text)?.[1] ?? []).sort();
    };
    await patiently(titles).toEqual(['‘·S’']);
    await runCommand(page, 'Circuitscope: Open Another Circuit Panel');
    await patiently(titles).toHaveLength(2);
    await patiently(async () => heading(await frame())).toContain('after ·S');
    await goTo(page, LINE, 1);
    await runCommand(page, 'Circuitscope: Open Circuit');
    await patiently(async () => heading(await frame())).toContain('class');
    await patiently(titles).toEqual(['‘class’', '‘·S’']);
    await screenshot(page, 'two-panels');
    await page.locator('.tab', { hasText: 'after ‘·S’' }).click({ button: 'middle' });
    await patiently(titles).toHaveLength(1);
    await goTo(page, LINE, COLUMN);
    await patiently(async () => heading(await frame())).toContain('after ·S');
    await drawn(await frame());
  });

  test('its numbers are those of the command line', async () => {
    const { page } = editor();
    await exportAs(page, await frame(), 'circuit');
    const circuit = JSON.parse(
      readFileSync(await exported('.circuit.json'), 'utf8'),
    ) as ExportedCircuit;
    const told = traced('--effects');
    expect(circuit.bundle.hash).toBe(told.bundle.hash);
    const own = circuit.nodes.filter(({ token }) => token === told.token.index);
    expect(own.length).toBeGreaterThan(0);
    const effects = new Map(
      told.nodes.map(({ node, activation, effect }) => [node, { activation, effect }]),
    );
    for (const { node, activation, effect } of own) {
      expect(effects.get(node)!.activation).toBeCloseTo(activation, 5);
      expect(effects.get(node)!.effect).toBeCloseTo(effect, 4);
    }
    const shares = new Map((await bars(await frame())).map(([text, share]) => [text, share]));
    const best = told.predictions[0];
    const shown = shares.get(best.text.replaceAll(' ', '·').replaceAll('\n', '\\n'));
    expect(parseFloat(shown!)).toBeCloseTo(100 * Math.exp(best.logprob), 0);
  });

  test('a switch changes the bars at once, and everybody knows of it', async () => {
    const { page } = editor();
    await selectFirst();
    // Some nodes matter by not being active: zero would change nothing.
    await press(await frame(), 'mean');
    await patiently(async () => (await bars(await frame()))[0]?.length).toBe(3);
    const changed = await bars(await frame());
    expect(changed.some(([, before, after]) => before !== after)).toBe(true);
    await patiently(() => statusText(page)).toContain('1 ablation');
    await screenshot(page, 'panel-ablated');
  });

  test('exported ablations replay on the command line to the same numbers', async () => {
    const { page } = editor();
    await exportAs(page, await frame(), 'interventions');
    const told = traced('--interventions', await exported('.interventions.json'));
    const after = new Map((await bars(await frame())).map(([text, , share]) => [text, share]));
    const best = told.predictions[0];
    const shown = after.get(best.text.replaceAll(' ', '·').replaceAll('\n', '\\n'));
    expect(parseFloat(shown!)).toBeCloseTo(100 * Math.exp(best.logprob), 0);
  });

  test('undo and redo go through the changes', async () => {
    const { page } = editor();
    await press(await frame(), '↶');
    await patiently(() => statusText(page)).not.toContain('ablation');
    await patiently(async () => (await bars(await frame()))[0]?.length).toBe(2);
    await press(await frame(), '↷');
    await patiently(() => statusText(page)).toContain('1 ablation');
    await press(await frame(), '↶');
  });

  test('a label of a node is kept in the workspace, and stands for it in the table', async () => {
    const { folder } = editor();
    await selectFirst();
    const own = await frame();
    await own.getByRole('tab', { name: 'Node' }).click();
    const field = own.locator('vscode-text-field.label');
    await patiently(() => field.count()).toBe(1);
    await field.locator('input').fill('opens a list');
    await field.locator('input').press('Enter');
    const kept = join(folder, '.circuitscope', 'labels');
    await patiently(() => (existsSync(kept) ? readdirSync(kept).length : 0)).toBe(1);
    const { labels } = JSON.parse(readFileSync(join(kept, readdirSync(kept)[0]), 'utf8')) as {
      labels: Record<string, string>;
    };
    expect(Object.values(labels)).toEqual(['opens a list']);
    const names = async () => (await own.locator('.nodes tbody th').allInnerTexts()).join();
    await patiently(names).toContain('opens a list (L');
    await press(own, 'Unselect');
    await press(own, 'Graph');
  });

  test("a token of a node's strip moves the editor", async () => {
    const { page } = editor();
    const own = await frame();
    await patiently(() => own.locator('.strip i').count()).toBeGreaterThan(0);
    await own.locator('.strip i[data-token="0"]').click();
    await page.getByText('Ln 1, Col 1').waitFor({ timeout: 90_000 });
    await goTo(page, LINE, COLUMN);
  });

  test('a hidden panel is up to date when it is shown again', async () => {
    const { page } = editor();
    await runCommand(page, 'View: Focus Right Editor Group');
    await openFile(page, 'words.py');
    const pages = () =>
      Promise.all(
        page.frames().map((one) =>
          one
            .locator('main .stage')
            .count()
            .catch(() => 0),
        ),
      );
    await patiently(async () => (await pages()).some((count) => count > 0)).toBe(false);
    await runCommand(page, 'View: Focus First Editor Group');
    await goTo(page, LINE, 1);
    await runCommand(page, 'View: Focus Right Editor Group');
    await runCommand(page, 'View: Close Editor');
    await patiently(async () => heading(await frame())).toContain('class');
    await runCommand(page, 'View: Focus First Editor Group');
    await goTo(page, LINE, COLUMN);
    await patiently(async () => heading(await frame())).toContain('after ·S');
  });

  test('without a Python file it says what to do, and nothing stale', async () => {
    const { page } = editor();
    await runCommand(page, 'View: Close All Editors in Group');
    await patiently(() => textOfFrames(page, '.empty:visible')).toMatch(/Open a Python file/);
    // The panel is alone now: a file opened in its group would hide it.
    await runCommand(page, 'View: New Editor Group to the Left');
    await runCommand(page, 'View: Focus First Editor Group');
    await openFile(page, FILE);
    await goTo(page, LINE, COLUMN);
    await patiently(async () => heading(await frame())).toContain('after ·S');
  });

  test('a reload brings it back as it was', async () => {
    const { page } = editor();
    await runCommand(page, 'Circuitscope: Open Circuit');
    await patiently(async () => heading(await frame())).toContain('after ·S');
    await press(await frame(), 'Table');
    await patiently(async () => (await frame()).locator('.nodes:visible').count()).toBe(1);
    // In the browser VS Code writes down what is open every few seconds.
    await page.waitForTimeout(STORED_MS);
    await page.goto(withoutFile(page.url()));
    await page.waitForSelector('.monaco-workbench', { timeout: 280_000 });
    await patiently(async () => heading(await frame())).toContain('after ·S');
    await patiently(async () => (await frame()).locator('.nodes:visible').count()).toBe(1);
    await screenshot(page, 'panel-reloaded');
  }, 280_000);
}

/** The address of the window without the file that it opens at first, which would hide the panel. */
function withoutFile(address: string): string {
  const url = new URL(address);
  url.searchParams.delete('payload');
  return url.toString();
}
