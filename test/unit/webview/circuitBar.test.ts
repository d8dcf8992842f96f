/** The bar of a task's circuit: its prompts to click through, what is known of it, and what is done with it. */
import { describe, expect, it, vi } from 'vitest';
import type { Panel } from '../../../webview/panel';
import type { Subject } from '../../../webview/protocol';
import { drawn, textOf } from '../../support/drawnView';

// Its elements need a page.
vi.mock(
  '../../../webview/toolkit',
  async () => (await import('../../support/drawnView')).plainToolkit,
);
const { CircuitBar } = await import('../../../webview/views/circuitBar');

const prompts = [
  { text: 'if a', answer: ':', other: ' else' },
  { text: 'x = 1 if a', answer: ' else', other: ':' },
];

/** The bar at a prompt, and what it asked for. */
function bar(prompt: number | null) {
  const asked: unknown[] = [];
  const panel = { act: (...all: unknown[]) => asked.push(all) } as unknown as Panel;
  const facts = [
    { of: 'loss of the core', value: '0.123 nats' },
    { of: 'sufficient', value: '✓' },
  ];
  const of: NonNullable<Subject['drawn']> = {
    ...{ name: 'if_ternary', description: 'how a condition goes on', facts, prompts, prompt },
  };
  const view = CircuitBar({ panel, drawn: of });
  const all = drawn(view);
  const press = (name: string) => {
    const button = all.find(
      ({ type, props }) =>
        type === 'button' && (props.name === name || textOf(props.children) === name),
    )!;
    if (button.props['disabled'] !== true) button.props.onClick!();
    return asked.splice(0);
  };
  return { text: textOf(view), all, press, asked };
}

describe('the bar of a task’s circuit', () => {
  it('says what the task is about, and what was measured of it', () => {
    const { text } = bar(0);
    for (const part of ['if_ternary', 'how a condition goes on', '0.123 nats', 'sufficient']) {
      expect(text).toContain(part);
    }
  });

  it('goes from the file through its prompts and back', () => {
    expect(bar(null).press('Next prompt')).toEqual([['prompt', { index: 0 }]]);
    expect(bar(0).press('Next prompt')).toEqual([['prompt', { index: 1 }]]);
    expect(bar(1).press('Next prompt')).toEqual([]);
    expect(bar(1).press('Prompt before')).toEqual([['prompt', { index: 0 }]]);
    expect(bar(0).press('Prompt before')).toEqual([['prompt', { index: null }]]);
    expect(bar(null).press('Prompt before')).toEqual([]);
    const { all, asked } = bar(1);
    const { options, value, onChange } = all.find(({ type }) => type === 'select')!.props;
    expect(value).toBe('1');
    expect((options as string[][]).map(([, shown]) => shown)).toEqual([
      ...['On the open file', '1: :, not  else · if a', '2:  else, not : · x = 1 if a'],
    ]);
    for (const chosen of ['0', 'file']) (onChange as (one: string) => void)(chosen);
    expect(asked).toEqual([
      ['prompt', { index: 0 }],
      ['prompt', { index: null }],
    ]);
  });

  it('has it explained, ablated, left alone, verified and closed', () => {
    const { press } = bar(0);
    const acts = ['Explain', 'Ablate it', 'Ablate all else', 'Verify', 'Close'].flatMap(press);
    expect(acts).toEqual(
      ['explain', 'necessary', 'sufficient', 'verify', 'close'].map((act) => ['drawn', { act }]),
    );
  });
});
