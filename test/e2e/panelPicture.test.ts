/** The picture: how much of the circuit it shows, where it stands, and what is taken along. */
import { expect, test } from 'vitest';
import { button, counts, patiently, press } from './panelPage';
import { panelAtShape } from './sharedStage';

const stage = panelAtShape();

test('the threshold hides nodes, and says how many are left', async () => {
  const { frame } = stage();
  const [before] = await counts(frame);
  await frame.locator('.filters summary').click();
  const threshold = frame.getByLabel('effect ≥');
  await threshold.fill('95');
  await patiently(async () => (await counts(frame))[0]).toBeLessThan(before);
  await threshold.fill('100');
  await threshold.fill('0');
  await patiently(async () => (await counts(frame))[0]).toBe(before);
  await frame.locator('.filters summary').click();
});

test('a picture in which nothing moves asks for no frames, and is drawn again when something does', async () => {
  const { frame } = stage();
  await press(frame, 'Graph');
  const asked = () =>
    frame.evaluate<number>(`new Promise((done) => {
      const ask = window.requestAnimationFrame;
      let count = 0;
      window.requestAnimationFrame = (call) => (count++, ask.call(window, call));
      setTimeout(() => { window.requestAnimationFrame = ask; done(count); }, 500);
    })`);
  const drawn = () =>
    frame.evaluate<string>(`[...document.querySelectorAll('.graph .canvas canvas')]
      .map((canvas) => canvas.toDataURL()).join()`);
  await patiently(asked).toBe(0);
  const before = await drawn();
  const select = (what: string) =>
    frame.evaluate(`void document.querySelector('.graph .canvas')._cyreg.cy.nodes()[0].${what}()`);
  await select('select');
  await patiently(drawn).not.toBe(before);
  await select('unselect');
  await patiently(drawn).toBe(before);
  await patiently(asked).toBe(0);
});

test('exports hold what is shown, in the colors of the theme', async () => {
  const { frame, exported } = stage();
  const take = async (format: string) => {
    await frame.locator('vscode-dropdown.export').click();
    await frame.locator(`vscode-option[value="${format}"]`).click();
    await patiently(() => exported.has(format)).toBe(true);
    return exported.get(format)!;
  };
  const [channels] = await counts(frame);
  const svg = await take('svg');
  expect(svg.match(/<circle class="node"/g)).toHaveLength(channels);
  expect(svg).toContain('fill="#1f1f1f"');
  const png = Buffer.from(await take('png'), 'base64');
  expect(png.subarray(1, 4).toString()).toBe('PNG');
  expect(await take('markdown')).toContain('| effect');
  expect(svg).toContain('supports the token');
  await stage().theme('light');
  exported.clear();
  expect(await take('svg')).toContain('fill="#ffffff"');
  await stage().theme('dark');
});

test('the wheel scrolls, and zooms with Ctrl only', async () => {
  const { frame, page } = stage();
  await press(frame, 'Fit');
  const zoom = () =>
    frame.evaluate<number>('document.querySelector(".band").getBoundingClientRect().height');
  const before = await zoom();
  const box = (await frame.locator('.graph').boundingBox())!;
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.wheel(0, 240);
  await page.waitForTimeout(200);
  expect(await zoom()).toBe(before);
  await page.keyboard.down('Control');
  await page.mouse.wheel(0, -240);
  await page.keyboard.up('Control');
  await patiently(zoom).toBeGreaterThan(before);
  await press(frame, 'Fit');
});

test('a node that is dragged stays where it was put, and its edges follow', async () => {
  const { frame, page } = stage();
  await press(frame, 'Graph');
  // cytoscape keeps itself at its element.
  const place = () =>
    frame.evaluate<{ x: number; y: number; curves: string }>(`(() => {
      const canvas = document.querySelector('.graph .canvas');
      const { cy } = canvas._cyreg;
      const node = cy.nodes('[role = "channel"]').filter((one) => one.degree() > 0)[0];
      const [{ x, y }, box] = [node.renderedPosition(), canvas.getBoundingClientRect()];
      const curves = JSON.stringify(node.connectedEdges().map((edge) => edge.data('curveDistances')));
      return { x: x + box.x, y: y + box.y, curves };
    })()`);
  const before = await place();
  await page.mouse.move(before.x, before.y);
  await page.mouse.down();
  await page.mouse.move(before.x - 25, before.y + 30, { steps: 6 });
  await page.mouse.up();
  const after = await place();
  expect(after.x - before.x).toBeCloseTo(-25, -1);
  expect(after.y - before.y).toBeCloseTo(30, -1);
  expect(after.curves).not.toBe(before.curves);
  await page.mouse.move(0, 0);
  expect(await place()).toEqual(after);
});

test('the loop of looking, switching off and seeing the bars needs no scrolling', async () => {
  const { frame, page } = stage();
  for (const [width, height] of [
    [700, 800],
    [560, 800],
    [1300, 820],
    [870, 540],
  ]) {
    await page.setViewportSize({ width, height });
    await press(frame, 'Table');
    await frame.locator('.nodes tbody input').first().check();
    for (const part of ['.bars', '.graph', '.selection vscode-button', '.node-card h2']) {
      const box = (await frame.locator(part).first().boundingBox())!;
      expect(box.y).toBeGreaterThanOrEqual(0);
      expect(box.y + Math.min(box.height, 100)).toBeLessThanOrEqual(height);
    }
    expect((await frame.locator('.graph').boundingBox())!.height).toBeGreaterThan(100);
    // One line for one node whatever it is called, and nothing of it beside the page.
    const row = (await frame.locator('.selection .row').boundingBox())!;
    const last = (await button(frame, 'Unselect').boundingBox())!;
    expect(last.x + last.width).toBeLessThanOrEqual(row.x + row.width + 1);
    if (width > 640 && height > 700) expect(row.height).toBeLessThan(36);
    const scrolls = await frame.evaluate<number>(
      'document.documentElement.scrollHeight - document.documentElement.clientHeight',
    );
    expect(scrolls).toBe(0);
    await press(frame, 'Unselect');
  }
  await page.setViewportSize({ width: 760, height: 1000 });
  await press(frame, 'Graph');
});
