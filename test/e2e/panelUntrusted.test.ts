/** The panel when what reaches it is wrong, late or hostile. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { drawn, heading, patiently, press } from './panelPage';
import type { Stage } from './panelStage';
import { atShape, sharedStage, TEXT } from './sharedStage';

const HOSTILE = [
  'x = "<script>window.pwned = 1</script>"',
  'y = "<img src=x onerror=window.pwned=1>](command:quit)"',
  '# \u202e \u2066 `| a | b |` \u05d0\u05d1',
  '',
].join('\n');

let stage: Stage;
beforeAll(async () => {
  stage = await sharedStage();
});
afterAll(async () => {
  await stage.close();
});

test('messages that are malformed, stale or out of order change nothing', async () => {
  const { frame, problems, sent } = stage;
  await atShape(stage);
  await patiently(() => heading(frame)).toContain('after ·S');
  await drawn(frame);
  await press(frame, 'Table');
  // Another node than those that are chosen below, whose card would be there already.
  await frame.locator('.nodes tbody input').nth(4).check();
  // Its card may still be on its way.
  await patiently(() => frame.locator('.card').first().innerText()).not.toMatch(/^Loading /);
  const before = await frame.locator('main').innerText();
  const subject = sent.findLast((message) => message.type === 'subject')!;
  const old = {
    ...subject,
    seq: subject.seq - 1,
    subject: { ...subject.subject, file: 'stale.py' },
  };
  const broken = [
    old,
    { type: 'empty', seq: -1, text: 'x', busy: false },
    { type: 'card' },
    'x',
    null,
  ];
  for (const message of broken) await stage.post(message);
  await stage.post({ type: 'progress', seq: subject.seq - 1, what: 'stale', done: 1, total: 9 });
  expect(await frame.locator('main').innerText()).toBe(before);
  const ignored = problems.filter((text) => text.includes('a message was ignored'));
  expect(ignored).toHaveLength(4);
});

test('answers that come late change nothing, of an older subject or on a node that was left', async () => {
  const { frame, sent } = stage;
  await stage.move(TEXT, 5, 0);
  await patiently(() => heading(frame)).toContain('class');
  await drawn(frame);
  await atShape(stage);
  await patiently(() => heading(frame)).toContain('after ·S');
  await drawn(frame);
  await press(frame, 'Table');
  await press(frame, 'Unselect');
  const boxes = frame.locator('.nodes tbody input');
  const cards = () =>
    sent.flatMap((message) =>
      message.type === 'answer' && message.what === 'card' ? [message] : [],
    );
  for (const row of [0, 1]) {
    const before = cards().length;
    await boxes.nth(row).check();
    await patiently(() => cards().length).toBeGreaterThan(before);
  }
  const [left, asked] = cards().slice(-2);
  expect(left.tells.node).not.toBe(asked.tells.node);
  await patiently(() => frame.locator('.card').first().innerText()).toContain(asked.tells.node);
  const before = await frame.locator('main').innerText();
  const { seq } = stage.session.current!;
  const late = sent.filter((message) => 'seq' in message && message.seq < seq);
  const types = new Set(late.map(({ type }) => type));
  for (const type of ['subject', 'prediction', 'circuit']) expect(types).toContain(type);
  for (const message of [...late.slice(-60), left]) await stage.post(message);
  expect(await frame.locator('main').innerText()).toBe(before);
  await press(frame, 'Unselect');
  await press(frame, 'Graph');
});

test('text of a file stays text', async () => {
  const { frame } = stage;
  for (const [line, character] of [
    [0, 6],
    [0, 9],
    [1, 8],
    [1, 40],
    [2, 3],
    [2, 9],
  ]) {
    await stage.move(HOSTILE, line, character);
    await drawn(frame);
  }
  const found = await frame.evaluate<unknown[]>(`[
    window.pwned ?? 'fine',
    document.querySelectorAll('script').length,
    document.querySelectorAll('main img, main script, main a').length,
  ]`);
  expect(found).toEqual(['fine', 1, 0]);
});

test('its policy and its console have nothing to complain of', () => {
  expect(stage.problems.filter((text) => !text.includes('a message was ignored'))).toEqual([]);
});

test('what is put into the page all the same can neither run nor reach anything', async () => {
  const outcome = await stage.page.evaluate<{ ran: string[]; refused: string[] }>(`(async () => {
    const elsewhere = 'https://elsewhere.invalid/';
    const refused = new Set();
    document.addEventListener('securitypolicyviolation', (event) => {
      refused.add(event.effectiveDirective);
    });
    window.ran = [];
    const add = (tag, properties) => document.body.append(Object.assign(document.createElement(tag), properties));
    add('script', { textContent: 'ran.push("inline script")' });
    add('script', { src: elsewhere + 'script.js' });
    add('script', { src: location.origin + '/panel.js?again' });
    add('div', { innerHTML: '<img src="data:," onerror="ran.push(\\'handler\\')">' });
    add('img', { src: elsewhere + 'image.png' });
    add('iframe', { src: elsewhere });
    add('object', { data: elsewhere });
    add('link', { rel: 'stylesheet', href: elsewhere + 'style.css' });
    add('base', { href: elsewhere });
    const form = Object.assign(document.createElement('form'), { action: elsewhere });
    document.body.append(form);
    form.submit();
    const asked = [fetch(elsewhere)];
    try {
      new WebSocket('wss://elsewhere.invalid/');
    } catch {}
    // Evaluation is refused to the page, not to who drives the browser, so it is done in a turn of its own.
    await new Promise((resolve) => {
      setTimeout(() => {
        try {
          Function('ran.push("evaluation")')();
        } catch {}
        resolve();
      });
    });
    await Promise.allSettled(asked);
    await new Promise((resolve) => setTimeout(resolve, 500));
    return { ran, refused: [...refused].sort() };
  })()`);
  expect(outcome.ran).toEqual([]);
  expect(outcome.refused).toEqual([
    ...['base-uri', 'connect-src', 'form-action', 'frame-src', 'img-src', 'object-src'],
    ...['script-src', 'script-src-attr', 'script-src-elem', 'style-src-elem'],
  ]);
});
