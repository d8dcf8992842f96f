/** What controls are called aloud is what stands on them, and what there is to press where nothing is shown. */
import { describe, expect, it, vi } from 'vitest';
import { Drawing } from '../../../webview/drawing';
import { emptyModel } from '../../../webview/model';
import type { Panel } from '../../../webview/panel';
import { readState, type GraphEdge, type Subject } from '../../../webview/protocol';
import { NO_MARKS } from '../../../webview/supernodes';
import { drawn, textOf, type Drawn } from '../../support/drawnView';
import { channel, circuit, edge } from './graphs';

// Their elements need a page.
vi.mock(
  '../../../webview/toolkit',
  async () => (await import('../../support/drawnView')).plainToolkit,
);
vi.mock('preact/hooks', async () => (await import('../../support/drawnView')).plainHooks);
const { markdownOf } = await import('../../../webview/export/text');
const { Page } = await import('../../../webview/views/page');
const { Controls } = await import('../../../webview/views/controls');
const { CompareBar } = await import('../../../webview/views/compare');
const { EdgeCard } = await import('../../../webview/views/edgeCard');
const { EdgeTable } = await import('../../../webview/views/edgeTable');
const { GroupList } = await import('../../../webview/views/groups');
const { PredictionBars } = await import('../../../webview/views/prediction');
const { Stage } = await import('../../../webview/views/stage');
const { SelectionBar } = await import('../../../webview/views/selection');
const { Header } = await import('../../../webview/views/header');

const subject: Subject = {
  ...{ mode: 'next', file: 'a.py', model: 'm', target: { text: 'x', observed: true }, line: 'x' },
  ...{ contrast: null, other: { line: 'y' }, recorded: null, dense: null, drawn: null },
  cursor: { token: 1, text: 'x', line: 0, column: 0 },
  reader: { token: 1, text: 'x' },
};
const NO_PREDICTION = {
  ...{ compared: false, candidates: [], logprob: { before: -1, now: -1 } },
  inForce: { ablations: 0, nodes: 0 },
};
const between: GraphEdge = { ...edge('0.attn.v.1', '1.mlp.act_in.2'), kind: 'weight' };

/** A page with two nodes and the weight between them, and what it asked for. */
function paged(change: object = {}) {
  const asked: unknown[] = [];
  const nodes = [channel('0.attn.v.1', 1, -2), channel('1.mlp.act_in.2', 2, -1)];
  const model = {
    ...{ ...emptyModel(), empty: null, subject, circuit: circuit(nodes, [between]) },
    meanings: new Map([['0.attn.v.1', 'reads ‘def’']]),
    marks: {
      ...NO_MARKS,
      nodes: new Map([['0.attn.v.1', { id: '0.attn.v.1', pinned: true, note: 'mine', group: '' }]]),
    },
    ...change,
  };
  const state = { ...readState(undefined), selected: ['0.attn.v.1'] };
  const panel = {
    ...{ model, state, drawing: new Drawing(model as never, () => state) },
    choice: { edge: between, weight: { now: { value: null, waiting: false, problem: null } } },
    act: (...all: unknown[]) => asked.push(all),
    retry: () => asked.push('again'),
  } as unknown as Panel;
  return { panel, asked };
}
const pressed = (elements: readonly Drawn[], text: string) => {
  const button = elements.find(({ type, props }) => type === 'button' && textOf(props.children).trim() === text); // prettier-ignore
  button!.props.onClick!();
};

describe('controls', () => {
  it('are called aloud what stands on them', () => {
    const { panel } = paged();
    const all = [
      ...drawn(Controls({ panel })),
      ...drawn(SelectionBar({ panel })),
      ...drawn(EdgeCard({ panel, edge: between })),
      ...drawn(CompareBar({ panel, subject })),
      ...drawn(Header({ panel })),
    ];
    const labels = all.filter(({ type }) => type === 'label');
    const texts = labels.map(({ props }) => {
      const seen = drawn(props.children).some(({ type }) => type === 'output')
        ? String((props.children as unknown[])[0])
        : textOf(props.children);
      const inside = drawn(props.children).find(({ type }) => type === 'input');
      const control = inside ?? all.find((one) => one.props['id'] === props['for']);
      // Without a name of its own it has its label's.
      expect(control!.props['aria-label'] ?? seen).toBe(seen);
      return seen;
    });
    expect(texts).toEqual(
      expect.arrayContaining(['effect ≥', 'edges ≥', 'top', 'value', 'scale', 'other text']),
    );
    const buttons = all.filter(({ type }) => type === 'button');
    expect(buttons.length).toBeGreaterThan(15);
    for (const { props } of buttons) {
      const text = textOf(props.children).trim();
      // A sign says nothing aloud; words say themselves.
      if (/\p{L}/u.test(text)) expect(props.name ?? text).toBe(text);
      else expect(props.name, text).toMatch(/\p{L}/u);
    }
  });
});

describe('who does not see', () => {
  it('hears where arrow keys lead, how much is shown and what comes of it', () => {
    const { panel } = paged({ prediction: NO_PREDICTION });
    const spoken = (view: unknown) =>
      drawn(view).flatMap(({ props }) => (props['role'] === 'status' ? [props.class] : []));
    expect(spoken(Stage({ panel }))).toEqual(['counts muted', 'hint']);
    expect(spoken(PredictionBars({ panel }))).toEqual(['summary']);
  });
});

describe('nodes and edges', () => {
  it('have beside their names what they are about, wherever they are named', () => {
    const { panel } = paged();
    expect(textOf(EdgeCard({ panel, edge: between }))).toMatch(/^0\.attn\.v\.1\s*reads ‘def’/);
    expect(textOf(EdgeTable({ panel, edges: [between] }))).toContain('reads ‘def’');
    expect(textOf(GroupList({ panel }))).toMatch(/0\.attn\.v\.1\s*reads ‘def’\s*pinned/);
    expect(textOf(SelectionBar({ panel }))).toContain('reads ‘def’');
    expect(panel.drawing.nameOf('0.attn.v.1')).toMatch(/^0\.attn\.v\.1.*reads ‘def’$/);
    expect(panel.drawing.nameOf('1.mlp.act_in.2')).toBe('1.mlp.act_in.2');
  });
});

describe('two texts', () => {
  const candidate = { id: 1, text: 'x', before: 0.5, now: 0.25, ablated: 0.125 };
  const is = { observed: true, target: true, contrast: false };
  const prediction = {
    ...{
      compared: true,
      inForce: { ablations: 1, nodes: 3 },
      candidates: [{ ...candidate, ...is }],
    },
    logprob: { before: Math.log(0.5), now: Math.log(0.25), ablated: Math.log(0.125) },
  };

  it('have their shares side by side, with what this one gives when nodes are patched', () => {
    const { panel } = paged({ prediction });
    const view = PredictionBars({ panel });
    const cells = (type: string) =>
      drawn(view).filter((one) => one.type === type).map(({ props }) => textOf(props.children)); // prettier-ignore
    expect(cells('th').slice(0, 5)).toEqual(['token', '', 'this text', 'other text', 'this text, ablated']); // prettier-ignore
    expect(cells('td').slice(1)).toEqual(['50.0 %', '25.0 %', '12.5 %']);
    expect(cells('p')[0]).toMatch(/50\.0 % here, 25\.0 % in the other text, .*12\.5 % here with 1 ablation.*−1\.39 nats/); // prettier-ignore
    expect(markdownOf(panel.model, { single: [] } as never)).toContain('12.5 %');
  });

  it('let nodes be patched, which one text does not', () => {
    const patched: unknown[] = [];
    const two = paged().panel;
    Object.assign(two, { patch: () => patched.push('patch') });
    pressed(drawn(SelectionBar({ panel: two })), 'patch');
    expect(patched).toEqual(['patch']);
    const one = paged({ subject: { ...subject, other: null } }).panel;
    expect(textOf(SelectionBar({ panel: one }))).not.toContain('patch');
  });
});

describe('where nothing is shown', () => {
  it('buttons lead on', () => {
    const empty = { text: 'no model', busy: false, ways: ['model', 'again', 'walkthrough'] };
    const { panel, asked } = paged({ empty });
    const all = drawn(Page({ panel }));
    for (const text of ['Choose Model…', 'Try Again', 'Open the Walkthrough']) pressed(all, text);
    expect(asked).toEqual(empty.ways.map((way) => ['way', { way }]));
  });

  it('what failed is an alert, and can be tried again', () => {
    const { panel, asked } = paged({ problems: { prediction: 'the worker has ended' } });
    const all = drawn(PredictionBars({ panel }));
    const alert = all.find(({ props }) => props['role'] === 'alert');
    expect(textOf(alert!.props.children)).toContain('the worker has ended');
    pressed(all, 'Try Again');
    expect(asked).toEqual(['again']);
  });
});
