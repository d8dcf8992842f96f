/** What clicks and sliders of the page ask for: targets, one weight, heads, how much is shown. */
import { describe, expect, it, vi } from 'vitest';
import { Drawing } from '../../../webview/drawing';
import { NOTHING } from '../../../webview/filter';
import { emptyModel } from '../../../webview/model';
import type { Panel } from '../../../webview/panel';
import { readState, type Attention, type GraphEdge } from '../../../webview/protocol';
import { drawn, textOf, type Drawn } from '../../support/drawnView';
import { channel, circuit, edge } from './graphs';

// Their elements need a page.
vi.mock(
  '../../../webview/toolkit',
  async () => (await import('../../support/drawnView')).plainToolkit,
);
vi.mock('preact/hooks', async () => (await import('../../support/drawnView')).plainHooks);
vi.mock('../../../webview/theme', () => ({ readTheme: () => ({}) }));
const { AttentionView } = await import('../../../webview/views/attention');
const { Controls, countsText } = await import('../../../webview/views/controls');
const { EdgeCard } = await import('../../../webview/views/edgeCard');
const { PredictionBars } = await import('../../../webview/views/prediction');

const between: GraphEdge = edge('0.attn.v.1', '1.mlp.act_in.2');
const head = (layer: number, own: number, effect: number) =>
  channel(`${layer}.attn.v.${own}`, 1, effect, { head: { layer, head: own } });
const whole = circuit(
  [channel('0.attn.v.1', 1, -2), channel('1.mlp.act_in.2', 2, -1), head(1, 2, -0.5), head(0, 3, 3)],
  [between],
);

/** A page, and what was asked of it. */
function paged(more: object = {}) {
  const asked: unknown[] = [];
  const ask =
    (what: string) =>
    (...all: unknown[]) =>
      void asked.push([what, ...all]);
  const candidate = (id: number, is: object) => ({
    ...{ id, text: `t${id}`, before: 0.5, now: 0.5 },
    ...{ observed: false, target: false, contrast: false, ...is },
  });
  const model = {
    ...{ ...emptyModel(), empty: null, circuit: whole },
    subject: { target: { text: 't1' }, contrast: null, other: null },
    prediction: {
      ...{ compared: false, inForce: { ablations: 0, nodes: 0 }, logprob: { before: -1, now: -1 } },
      candidates: [
        candidate(1, { target: true }),
        candidate(2, {}),
        candidate(3, { contrast: true }),
      ],
    },
  };
  const state = readState(undefined);
  const panel = {
    ...{ model, state, drawing: new Drawing(model as never, () => state) },
    choice: {
      weight: { now: { value: null, waiting: false, problem: null } },
      weigh: ask('weigh'),
    },
    ...{ aim: ask('aim'), arrange: ask('arrange'), ablateWeight: ask('weight') },
    ...more,
  } as unknown as Panel;
  return { panel, asked, ask };
}
const button = (all: readonly Drawn[], text: string) =>
  all.find(({ type, props }) => type === 'button' && textOf(props.children) === text)!.props;

it('a click on a candidate explains it; with Shift it is what the other is held against, until the next', () => {
  const { panel, asked } = paged();
  const rows = drawn(PredictionBars({ panel })).filter(
    ({ type, props }) => type === 'tr' && props.onClick !== undefined,
  );
  for (const { props } of rows) props.onClick!({ shiftKey: false });
  expect(asked.splice(0)).toEqual([1, 2, 3].map((id) => ['aim', id, null]));
  for (const { props } of rows) props.onClick!({ shiftKey: true });
  expect(asked).toEqual([
    ['aim', null, 2],
    ['aim', null, null],
  ]);
});

it('one weight is kept, carries its mean, is taken out, scaled and measured', async () => {
  const { panel, asked } = paged();
  const all = drawn(EdgeCard({ panel, edge: between }));
  for (const text of ['keep', 'mean', 'take out', 'Measure its effect'])
    button(all, text).onClick!();
  const scale = all.find(({ props }) => props['aria-label'] === 'scale')!.props;
  (scale['onChange'] as (event: object) => void)({ currentTarget: { value: '0.5' } });
  await Promise.resolve();
  expect(asked).toEqual([
    ['weight', between, null, 'at'],
    ['weight', between, { kind: 'mean' }, 'at'],
    ['weight', between, { kind: 'zero' }, 'at'],
    ['weigh', between],
    ['weight', between, { kind: 'scale', scale: 0.5 }, 'at'],
  ]);
});

it('sliders say how weak an edge, and how small an effect, is still shown', () => {
  const { panel, asked } = paged();
  const all = drawn(Controls({ panel }));
  for (const [name, value] of [
    ['edges ≥', '50'],
    ['effect ≥', '100'],
  ]) {
    // prettier-ignore
    const slider = all.find(({ props }) => props['aria-label'] === name)!.props;
    (slider['onInput'] as (event: object) => void)({ currentTarget: { value } });
  }
  expect(asked).toEqual([
    ['arrange', { strength: 0.25 }],
    ['arrange', { threshold: 3 }],
  ]);
});

it('heads are listed by their effect, those without one after them, and one is chosen', () => {
  const looked: unknown[] = [];
  const attention: Attention = {
    ...{ layer: 0, head: 3, layers: 2, heads: 4, start: 0, reader: 1, texts: ['a', 'b'] },
    ...{ rows: [[0.5], [0.25, 0.5]], sink: [0.5, 0.25] },
  };
  const slot = (value: unknown) => ({ now: { value, waiting: false, problem: null } });
  const { panel } = paged({
    readings: {
      ...{ attention: slot(attention), match: slot(null), head: { layer: 0, head: 3 } },
      look: (...at: number[]) => looked.push(at),
    },
  });
  const menu = drawn(AttentionView({ panel, width: 400 })).find(({ type }) => type === 'select')!;
  const { options, value, onChange } = menu.props as unknown as {
    options: string[][];
    value: string;
    onChange: (to: string) => void;
  };
  expect(value).toBe('0.3');
  expect(options.slice(0, 3)).toEqual([
    ['0.3', 'Layer 0, head 3 · effects 3.00 nats'],
    ['1.2', 'Layer 1, head 2 · effects 0.50 nats'],
    ['0.0', 'Layer 0, head 0'],
  ]);
  expect(options).toHaveLength(8);
  onChange('1.2');
  expect(looked).toEqual([[1, 2]]);
});

describe('how much is shown', () => {
  it('is a sentence', () => {
    const { nodes, edges } = whole;
    const total = { nodes: 486_809, edges: 12_000 };
    const text = (of: typeof whole) =>
      countsText({ ...of, total }, { ...NOTHING, nodes: of.nodes, edges });
    expect(text(whole)).toBe(
      '4 nodes of 486,809 active up to here, 1 of 12,000 edges between them',
    );
    const [first] = nodes;
    expect(text({ ...whole, nodes: [{ ...first, other: 2 }] })).toMatch(
      /^1 node of 486,809 that differ/,
    );
    expect(text({ ...whole, nodes: [{ ...first, effect: null }] })).toMatch(
      /^Estimates, not yet measured: 1 node/,
    );
    expect(countsText(null, NOTHING)).toBe('');
  });
});
