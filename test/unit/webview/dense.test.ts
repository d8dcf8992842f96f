/** The dense model's view: what was asked about one line is said to be of it when another stands there. */
import { describe, expect, it, vi } from 'vitest';
import type { Panel } from '../../../webview/panel';
import type { BridgeNodes, Steering, SteeringControls } from '../../../webview/protocol';
import { drawn, textOf } from '../../support/drawnView';

// Its elements need a page.
vi.mock(
  '../../../webview/toolkit',
  async () => (await import('../../support/drawnView')).plainToolkit,
);
vi.mock('preact/hooks', async () => (await import('../../support/drawnView')).plainHooks);
const { DenseView } = await import('../../../webview/views/dense');
const { DenseSteering } = await import('../../../webview/steering');

const NODE = '0.mlp.post_act.3';
const nodes: BridgeNodes = {
  ...{ wanted: 'e', concept: 'a comma', shareWithout: 0.1, differing: 30, measured: 1 },
  nodes: [{ node: NODE, label: 'L0 MLP neuron 3', about: '− a tab', share: 0.7 }],
};
const curve: Steering = {
  ...{ node: NODE, label: 'L0 MLP neuron 3', about: '+ a dot', dense: 'big', strengths: [0, 1] },
  tokens: [{ id: 5, text: 'e', wanted: true, other: 0.8, shares: [0.1, 0.7] }],
};
const controls: SteeringControls = {
  ...{ node: NODE, random: [{ node: 'r', label: 'r', about: null, share: 0.12 }] },
  ...{ channels: [], channelCount: 0 },
};

/** The view beside a line, once all was asked about `xb`. */
async function view(line: string, concepts: readonly string[] = []) {
  const asked: unknown[] = [];
  const answers = { bridgeNodes: nodes, steer: curve, steerControls: controls, concepts };
  const client = {
    ask: (what: keyof typeof answers, asks: unknown) => {
      asked.push({ what, asks });
      return Promise.resolve(answers[what]);
    },
  };
  const dense = new DenseSteering(
    client as unknown as ConstructorParameters<typeof DenseSteering>[0],
    () => undefined,
  );
  dense.askConcepts();
  dense.find('xb', 7, 'a comma');
  dense.by(NODE, 'xb');
  await expect.poll(() => dense.controls.now.value).not.toBeNull();
  const steered: unknown[] = [];
  const panel = {
    ...{ model: { subject: { dense: { name: 'big' }, line } }, choice: { steering: null } },
    readings: { dense, steer: (...all: unknown[]) => steered.push(all) },
  } as unknown as Panel;
  const of = DenseView({ panel });
  const links = drawn(of).filter(({ props }) => props.class === 'link');
  const menus = drawn(of).filter(({ type }) => type === 'select');
  return { dense, asked, steered, links, menus, text: textOf(of) };
}

describe('the view of the dense model', () => {
  it('says of nodes and of a curve that they are of another line', async () => {
    expect((await view('xb')).text).not.toContain('Of another line');
    const { text } = await view('yb');
    expect(text.match(/Of another line: xb/g)).toHaveLength(2);
  });

  it('steers by a node that was found with the line that it was found for', async () => {
    const { links, steered } = await view('yb');
    links[0].props.onClick!();
    expect(steered).toEqual([[NODE, 'xb']]);
  });

  it('tells what nodes are about, and of which concept they are', async () => {
    const { text } = await view('xb');
    expect(text).toContain('L0 MLP neuron 3 − a tab');
    expect(text).toContain('Steered with L0 MLP neuron 3 + a dot');
    expect(text).toContain('Only nodes whose label names a comma.');
  });

  it('offers the concepts of the labels, where there are some', async () => {
    expect((await view('xb')).menus).toEqual([]);
    const { menus, dense, asked } = await view('xb', ['a comma']);
    expect(menus.map(({ props }) => props.options)).toEqual([
      [
        ['', 'any concept'],
        ['a comma', 'a comma'],
      ],
    ]);
    // They are the model's, whatever the subject.
    const before = asked.length;
    dense.clear();
    dense.askConcepts();
    expect(asked).toHaveLength(before);
  });

  it('has the controls of the same node and line beside a curve', async () => {
    const { dense, asked, text } = await view('xb');
    expect(text).toContain('Best of 1 random nodes: 12.0 %.');
    expect(asked).toEqual([
      { what: 'concepts', asks: {} },
      { what: 'bridgeNodes', asks: { line: 'xb', measure: 7, concept: 'a comma' } },
      { what: 'steer', asks: { node: NODE, line: 'xb' } },
      { what: 'steerControls', asks: { node: NODE, line: 'xb' } },
    ]);
    expect([dense.nodes, dense.curve, dense.controls].map(({ now }) => now.value?.line)).toEqual([
      ...['xb', 'xb', 'xb'],
    ]);
  });
});
