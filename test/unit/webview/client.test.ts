/** Requests of the page and their ends: tied by number and type, and nothing waits for ever. */
import { describe, expect, it } from 'vitest';
import { Choice } from '../../../webview/choice';
import { Client, Void } from '../../../webview/client';
import { Slot } from '../../../webview/loaded';
import { emptyModel } from '../../../webview/model';
import { readState, type Answer, type ToHost } from '../../../webview/protocol';
import { Readings } from '../../../webview/readings';

/** A page that asks, and what it sent. */
function asking() {
  const sent: ToHost[] = [];
  const client = new Client(
    (message) => sent.push(message),
    () => 7,
  );
  const take = (answer: object) => {
    client.take(answer as Answer);
  };
  return { client, sent, take };
}
const settled = () => new Promise((resolve) => setTimeout(resolve));

describe('a request', () => {
  it('ends in the answer of its number and its type, and in no other', async () => {
    const { client, sent, take } = asking();
    const ended: unknown[] = [];
    void client.ask('lens', {}).then((tells) => ended.push(tells));
    const [ask] = sent as { id: number; seq: number; what: string }[];
    expect(ask).toMatchObject({ type: 'ask', seq: 7, what: 'lens' });
    take({ type: 'answer', id: ask.id + 1, what: 'lens', tells: 'of another number' });
    take({ type: 'answer', id: ask.id, what: 'card', tells: 'of another type' });
    take({ type: 'failed', id: ask.id, what: 'card', text: 'of another type' });
    await settled();
    expect(ended).toEqual([]);
    take({ type: 'answer', id: ask.id, what: 'lens', tells: 'its own' });
    take({ type: 'answer', id: ask.id, what: 'lens', tells: 'once more' });
    await settled();
    expect(ended).toEqual(['its own']);
  });

  it('has a number that no other has, and ends in an error or in word that it is void', async () => {
    const { client, sent, take } = asking();
    const all = [client.ask('lens', {}), client.ask('lens', {})];
    const ends = Promise.allSettled(all);
    const [first, second] = (sent as { id: number }[]).map(({ id }) => id);
    expect(first).not.toBe(second);
    take({ type: 'void', id: second, what: 'lens' });
    take({ type: 'failed', id: first, what: 'lens', text: 'no model; choose one' });
    expect(await ends).toMatchObject([
      { status: 'rejected', reason: { message: 'no model; choose one' } },
      { status: 'rejected', reason: expect.any(Void) },
    ]);
  });
});

describe('what is asked for', () => {
  const slot = () => {
    const seen: Slot<string>['now'][] = [];
    const own: Slot<string> = new Slot(() => seen.push(own.now));
    return { own, seen };
  };

  it('is awaited no longer when it failed: the line stands in its place', async () => {
    const { own, seen } = slot();
    await own.await(Promise.resolve('old'));
    await own.await(Promise.reject(new Error('it broke')));
    expect(own.now).toEqual({ value: null, waiting: false, problem: 'it broke' });
    expect(seen.at(-1)).toBe(own.now);
    await own.await(Promise.resolve('new'));
    expect(own.now).toEqual({ value: 'new', waiting: false, problem: null });
  });

  it('stays as it was when nobody needs the answer', async () => {
    const { own } = slot();
    await own.await(Promise.resolve('old'));
    await own.await(Promise.reject(new Void()));
    expect(own.now).toEqual({ value: 'old', waiting: false, problem: null });
  });

  it.each([
    ['an answer', () => Promise.resolve('late')],
    ['an error', () => Promise.reject(new Error('late'))],
  ])('takes nothing of %s to an earlier question', async (_, late) => {
    const { own } = slot();
    let open: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    const first = own.await(gate.then(late));
    await own.await(Promise.resolve('new'));
    open();
    await first;
    expect(own.now).toEqual({ value: 'new', waiting: false, problem: null });
    own.clear();
    expect(own.now).toEqual({ value: null, waiting: false, problem: null });
  });
});

it('nothing that the page reads is left waiting by a request that failed', async () => {
  const { client, sent, take } = asking();
  const host = {
    state: { ...readState(undefined), view: 'attention' },
    remember(change: object) {
      this.state = { ...this.state, ...change };
    },
  };
  const model = { ...emptyModel(), subject: {} };
  const drawing = { weightOf: () => ({ from: 'a', to: 'b', token: 0 }) };
  const around = { model, drawing, host, client, changed: () => undefined };
  const choice = new Choice(around as unknown as ConstructorParameters<typeof Choice>[0]);
  const own = { ...around, choice };
  const readings = new Readings(own as unknown as ConstructorParameters<typeof Readings>[0]);
  choice.open({ node: '0.mlp.post_act.3', token: 1 });
  choice.weigh({} as Parameters<typeof choice.weigh>[0]);
  readings.askView();
  readings.explain(0);
  readings.isolate();
  host.remember({ view: 'lens' });
  readings.askView();
  readings.steer('0.mlp.post_act.3', 'x = 1');
  readings.dense.find('x = 1', 4, null);
  const { card, weight } = choice;
  const { attention, match, isolation, lens, dense } = readings;
  const slots = [card, weight, attention, match, isolation, lens, dense.curve, dense.nodes];
  expect(slots.map(({ now }) => now.waiting)).toEqual(slots.map(() => true));
  for (const { id, what } of sent as { id: number; what: string }[]) {
    take({ type: 'failed', id, what, text: 'it broke' });
  }
  await settled();
  for (const { now } of slots) {
    expect(now).toEqual({ value: null, waiting: false, problem: 'it broke' });
  }
});
