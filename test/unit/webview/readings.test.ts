/** What is asked beside the circuit: only what is in sight, and anew for another subject. */
import { describe, expect, it } from 'vitest';
import { emptyModel } from '../../../webview/model';
import { readState, type Subject, type ViewState, type What } from '../../../webview/protocol';
import { Readings } from '../../../webview/readings';
import { channel, circuit } from './graphs';

const subject: Subject = {
  ...{ mode: 'next', file: 'a.py', model: 'm', target: { text: 'x', observed: true }, line: 'x' },
  ...{ contrast: null, other: null, recorded: null, dense: null, drawn: null },
  cursor: { token: 1, text: 'x', line: 0, column: 0 },
  reader: { token: 1, text: 'x' },
};

/** Readings of a subject, what they asked, and what they opened. */
function reading(state: Partial<ViewState>) {
  const asked: { what: What; asks: unknown }[] = [];
  const opened: unknown[] = [];
  const head = (of: number, effect: number) =>
    channel(`h${of}`, 1, effect, { head: { layer: 1, head: of } });
  const model = { ...emptyModel(), subject, circuit: circuit([head(2, -0.1), head(5, -3)], []) };
  const host = {
    state: { ...readState(undefined), ...state },
    remember(change: Partial<ViewState>) {
      this.state = { ...this.state, ...change };
    },
  };
  const client = {
    ask: (what: What, asks: unknown) => {
      asked.push({ what, asks });
      return Promise.resolve({ rows: [] });
    },
  };
  const choice = {
    vertices: () => [{ node: 'a', token: 1 }],
    open: (vertex: unknown) => opened.push(vertex),
  };
  const around = { model, host, client, choice, changed: () => undefined };
  const readings = new Readings(around as unknown as ConstructorParameters<typeof Readings>[0]);
  return { asked, opened, host, model, readings };
}
const settled = () => new Promise((resolve) => setTimeout(resolve));

describe('readings of a subject', () => {
  it('are asked for where their view is in sight, and for no other', () => {
    for (const [view, whats] of [
      ['graph', []],
      ['table', []],
      ['lens', ['lens']],
      ['attention', ['attention']],
      ['dense', ['concepts']],
    ] as const) {
      const { asked, readings } = reading({ view });
      readings.meet({ ...subject, dense: { name: 'twin', node: null } });
      expect(
        asked.map(({ what }) => what),
        view,
      ).toEqual(whats);
    }
  });

  it('are void for another', async () => {
    const { readings } = reading({ view: 'lens' });
    readings.isolate();
    readings.explain(0);
    readings.askView();
    readings.dense.find('y', 7, null);
    readings.dense.by('a', 'y');
    await settled();
    const { nodes, curve, controls } = readings.dense;
    const slots = [readings.isolation, readings.match, nodes, curve, controls, readings.lens];
    const values = () => slots.map(({ now }) => now.value !== null);
    const none = [false, false, false, false, false];
    expect(values()).toEqual([true, true, true, true, true, true]);
    readings.meet(subject);
    expect(values()).toEqual([...none, false]);
    await settled();
    // The view in sight has been asked anew.
    expect(values()).toEqual([...none, true]);
  });

  it('look at the head that matters most, or at the one that was chosen', () => {
    const { asked, host, readings } = reading({ view: 'attention' });
    readings.followCircuit();
    readings.look(0, 3);
    readings.followCircuit();
    expect(asked.map(({ asks }) => asks)).toEqual([
      { layer: 1, head: 5 },
      { layer: 0, head: 3 },
    ]);
    readings.forgetModel();
    expect(host.state.head).toBeNull();
  });

  it('ask for the concepts of each model once', async () => {
    const { asked, readings } = reading({ view: 'dense' });
    const beside = { ...subject, dense: { name: 'twin', node: null } };
    for (let i = 0; i < 2; i++) {
      readings.meet(beside);
      await settled();
    }
    expect(asked).toHaveLength(1);
    readings.forgetModel();
    readings.meet(beside);
    expect(asked).toHaveLength(2);
  });

  it('leave the dense model where there is none, and open its node where it is to be steered', () => {
    const without = reading({ view: 'dense' });
    without.readings.meet(subject);
    expect(without.host.state.view).toBe('graph');
    const beside = reading({ view: 'graph' });
    beside.readings.meet({ ...subject, dense: { name: 'twin', node: '0.attn.v.1' } });
    expect(beside.host.state.view).toBe('dense');
    expect(beside.opened).toEqual([{ node: '0.attn.v.1', token: 1 }]);
  });

  it('isolate the selected nodes as they are ablated', () => {
    const { asked, readings } = reading({ kind: { kind: 'zero' }, place: 'from' });
    readings.isolate();
    expect(asked).toEqual([
      {
        what: 'isolate',
        asks: { vertices: [{ node: 'a', token: 1 }], kind: { kind: 'zero' }, place: 'from' },
      },
    ]);
  });
});
