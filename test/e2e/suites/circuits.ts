import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Circuit } from '../../../models/circuits/circuitFile';
import { KNOWN_NODES } from '../../support/knownCircuit';
import {
  acceptFirst,
  answerInput,
  chooseItem,
  decorations,
  goTo,
  hover,
  notifications,
  openFile,
  pickTexts,
  poll,
  quickOpen,
  runCommand,
  screenshot,
  statusText,
} from '../actions';
import type { Editor } from '../editor';

/** Circuits of a model whose circuit is known: `1` or `2` in a list decides what follows. */
export function circuitTests(editor: () => Editor): void {
  const kept = () => join(editor().folder, '.circuitscope', 'circuits');
  const keptNames = () => (existsSync(kept()) ? readdirSync(kept()).sort() : []);
  const clear = () => runCommand(editor().page, 'Notifications: Clear All Notifications');

  test('a shipped circuit colors the file, lists its nodes, and one of them colors it alone', async () => {
    const { page } = editor();
    await poll(() => statusText(page)).toContain('known');
    await runCommand(page, 'Circuitscope: Show Task Circuit…');
    await poll(async () => (await pickTexts(page)).join('\n')).toContain('one_or_two');
    const listed = (await pickTexts(page)).join('\n');
    expect(listed).toMatch(/stranger[\s\S]*another model, elsewhere/);
    expect(listed).toMatch(/damaged[\s\S]*cannot be read/);
    await screenshot(page, 'circuit-pick');
    await chooseItem(page, 'one_or_two', 'one_or_two');
    await poll(async () => (await decorations(page)).length).toBeGreaterThan(0);
    await poll(() => statusText(page)).toContain('circuit one_or_two');
    const nodes = (await pickTexts(page)).join('\n');
    for (const node of KNOWN_NODES) expect(nodes).toContain(node);
    await screenshot(page, 'circuit-nodes');
    await chooseItem(page, KNOWN_NODES[1], KNOWN_NODES[1]);
    await poll(() => statusText(page)).toMatch(/head 0/);
    await runCommand(page, 'Circuitscope: Show Nodes of the Circuit…');
    await chooseItem(page, 'Stop coloring', 'Stop coloring');
    await poll(async () => (await decorations(page)).length).toBe(0);
  });

  test('a circuit of another model is refused, with both models named', async () => {
    const { page } = editor();
    await runCommand(page, 'Circuitscope: Show Task Circuit…');
    await chooseItem(page, 'stranger', 'stranger');
    const refused = /circuit of elsewhere e{12}, and the model in use is known/;
    await poll(() => notifications(page)).toContainEqual(expect.stringMatching(refused));
    await clear();
  });

  test('without the circuit the answer is gone, with nothing else it stays', async () => {
    const { page } = editor();
    const column = 'x = [name, 1, size'.length - 1;
    expect(await hover(page, 1, column, /surprise/)).toContain(']');
    await runCommand(page, 'Circuitscope: Show Nodes of the Circuit…');
    await chooseItem(page, 'Ablate This', 'Ablate This Circuit');
    await poll(() => statusText(page)).toContain('1 ablation');
    await clear();
    const removed = await hover(page, 1, column, /without/);
    await screenshot(page, 'circuit-removed');
    await runCommand(page, 'Circuitscope: Ablate All But This Circuit');
    await poll(() => notifications(page)).toContainEqual(expect.stringMatching(/Only the circuit/));
    await clear();
    const only = await hover(page, 1, column, /without/);
    expect(only).not.toBe(removed);
    await screenshot(page, 'circuit-only');
    await runCommand(page, 'Circuitscope: Remove All Ablations');
    await poll(() => statusText(page)).not.toContain('ablation');
    await clear();
  });

  test('the circuit for the prediction at the cursor is found, kept and opened', async () => {
    const { page } = editor();
    await goTo(page, 1, 'x = [name, 1, size'.length);
    await runCommand(page, 'Circuitscope: Find the Circuit for This Prediction');
    await chooseItem(page, 'A prompt that I edit', 'A prompt that I edit');
    const input = page.locator('.quick-input-widget:visible input.input').first();
    await poll(() => input.inputValue()).toBe('x = [name, 1, size');
    await input.fill('x = [name, 2, size');
    await poll(() => page.locator('.quick-input-message:visible').innerText()).toContain(',');
    await screenshot(page, 'circuit-prompt');
    await input.press('Enter');
    await poll(() => keptNames()).toHaveLength(2);
    const [name] = keptNames();
    const circuit = JSON.parse(readFileSync(join(kept(), name), 'utf8')) as Circuit;
    expect(KNOWN_NODES).toEqual(expect.arrayContaining(circuit.nodes));
    expect(circuit.nodes.length).toBeGreaterThan(0);
    const said = /nothing unseen judges it[\s\S]*Kept in/;
    await poll(() => notifications(page)).toContainEqual(expect.stringMatching(said));
    await poll(() => statusText(page)).toContain('circuit after-');
    await page.locator(`.tab[data-resource-name="${name}"]`).waitFor();
    await screenshot(page, 'circuit-found');
    await clear();
  });

  test('a circuit is verified, and the verdict opens beside', async () => {
    const { page } = editor();
    await runCommand(page, 'Circuitscope: Verify a Circuit…');
    await acceptFirst(page, /after-x/);
    // Editors draw blanks as no-break spaces.
    const drawn = async () =>
      (await page.locator('.view-lines:visible').allInnerTexts()).join('\n').replace(/\s/g, ' ');
    const verdict = /The circuit (FAILS|is sufficient)/;
    await poll(drawn).toMatch(verdict);
    expect(await drawn()).toContain('| loss of | nats |');
    await screenshot(page, 'circuit-verified');
  });

  test('what cannot work is refused at once', async () => {
    const { page } = editor();
    await openFile(page, 'long.py');
    await goTo(page, 20, 5);
    await runCommand(page, 'Circuitscope: Find the Circuit for This Prediction');
    await poll(() => notifications(page)).toContainEqual(
      expect.stringMatching(/the prompt has \d+ tokens, and the model reads 63; select/),
    );
    await clear();
    await quickOpen(page, 'broken.jsonl');
    await runCommand(page, 'Circuitscope: Find the Circuit for a Pairs File…');
    await poll(() => notifications(page)).toContainEqual(
      expect.stringContaining('broken.jsonl:2:'),
    );
    await clear();
    await openFile(page, 'cause.py');
    await goTo(page, 1, 'x = [name, 1, size'.length);
    await runCommand(page, 'Circuitscope: Find the Circuit for This Prediction');
    await chooseItem(page, 'A prompt that I edit', 'A prompt that I edit');
    await answerInput(page, 'x = [name, 1, count');
    const message = page.locator('.quick-input-message:visible');
    await poll(() => message.innerText()).toContain('No contrast yet');
    await page.keyboard.press('Escape');
  });
}
