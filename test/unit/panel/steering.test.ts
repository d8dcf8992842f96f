import { describe, expect, it } from 'vitest';
import { asked } from '../../../extension/panel/asked';
import { lineOf, withLine } from '../../../extension/panel/otherText';
import { STRENGTHS } from '../../../extension/panel/steeringView';
import { reads } from '../../../webview/protocol';
import { snapshotOf } from '../../support/snapshots';
import { conversation, fakeRuntime, NODE, sourceDocument } from './fakeModel';

const bridged = () => conversation(fakeRuntime('a', 'big'));
const at = (text: string, token: number) => asked(snapshotOf(text), token, 'next');

describe('another line', () => {
  it.each([
    ['ab = cd', 4, 'ab = cd'],
    ['ab = cd', 2, 'ab ='],
    ['x\nab = cd\n', 4, 'ab ='],
    // A line end belongs to the line that it ends, and is no part of what people rewrite.
    ['x\nab\ny', 3, 'ab'],
    ['\n\nab', 1, ''],
    ['ab', 0, 'ab'],
  ])('of %j at token %i begins as %j', (text, token, line) => {
    expect(lineOf(at(text, token)).text).toBe(line);
    expect(withLine(at(text, token), `${line}z`).replace('z', '')).toBe(
      text.slice(0, snapshotOf(text).encoding.ends[token]),
    );
  });

  it('takes the place of the line, and what is behind the token is left out', () => {
    expect(withLine(at('x\nab = cd\n', 4), 'ef >')).toBe('x\nef >');
    expect(withLine(at('x\nab\ny', 3), 'ef')).toBe('x\nef\n');
    expect(lineOf(at('ab', -1)).text).toBe('');
    expect(withLine(at('ab', -1), 'x')).toBe('x');
    expect(() => withLine(at('ab', 0), 'ab')).toThrow('the two texts are the same');
  });
});

describe('a session on a bridged model', () => {
  it('tells the dense model and the line; without bridges, or a token, there is none', async () => {
    const { last, move, session } = bridged();
    await move('abcd', 1);
    const { dense, line } = last('subject')!.subject;
    expect({ dense, line }).toEqual({ dense: { name: 'big', node: null }, line: 'ab' });
    session.setMode('why');
    await move('abcd', 0);
    expect(last('subject')!.subject).toMatchObject({ reader: { token: -1 }, dense: null });
    const plain = conversation();
    await plain.move('abcd', 1);
    expect(plain.last('subject')!.subject.dense).toBeNull();
  });

  it('steers by a node over strengths, towards what the other text makes likeliest', async () => {
    const { fake, ask, move } = bridged();
    await move('abcd', 1);
    const answer = await ask('steer', { node: NODE, line: 'xb' });
    expect(fake.calls).toContain(`steer ${NODE} {"token":1} abcd xb`);
    if (answer.type !== 'answer' || answer.what !== 'steer')
      throw new Error(JSON.stringify(answer));
    const { strengths, tokens, dense, label, about } = answer.tells;
    expect({ strengths, dense, label, about }).toEqual({
      ...{ strengths: STRENGTHS, dense: 'big', label: 'L0 MLP neuron 3' },
      about: '− inside ( )',
    });
    const wanted = tokens.filter((token) => token.wanted);
    expect(wanted).toHaveLength(1);
    expect(wanted[0]).toMatchObject({ id: 5, text: 'e' });
    expect(wanted[0].other).toBeCloseTo(0.8, 5);
    expect(wanted[0].shares[10]).toBeCloseTo(0.7, 5);
    expect(tokens.find(({ id }) => id === 4)!.shares[0]).toBeCloseTo(0.9, 5);
  });

  it('tells controls, and nodes that make the difference', async () => {
    const { fake, ask, move } = bridged();
    await move('abcd', 1);
    expect(await ask('steerControls', { node: NODE, line: 'xb' })).toMatchObject({
      tells: {
        node: NODE,
        random: [{ label: 'L0 MLP neuron 1', about: null, share: 0.12 }],
        channelCount: 20,
        channels: Array.from({ length: 8 }, () => ({})),
      },
    });
    const find = { line: 'xb', measure: 7, concept: null };
    expect(await ask('bridgeNodes', find)).toMatchObject({
      tells: {
        ...{ wanted: 'e', concept: null, shareWithout: 0.1, differing: 30, measured: 1 },
        nodes: [{ node: NODE, about: '− inside ( )', share: 0.7 }],
      },
    });
    expect(fake.calls).toContain('nodes xb 7');
    const concept = 'inside ( )';
    expect(await ask('bridgeNodes', { ...find, concept })).toMatchObject({ tells: { concept } });
    expect(fake.calls).toContain('nodes xb 7 of inside ( )');
    expect(await ask('steer', { node: '9.mlp.post_act.3', line: 'xb' })).toMatchObject({
      type: 'failed',
    });
  });

  it('tells the concepts of the labels, and none where the model has no labels', async () => {
    const { ask, move } = bridged();
    await move('abcd', 1);
    expect(await ask('concepts', {})).toMatchObject({ tells: ['inside ( )'] });
    const fake = fakeRuntime('a', 'big');
    fake.runtime.labels = () => Promise.resolve(null);
    const without = conversation(fake);
    await without.move('abcd', 1);
    expect(await without.ask('concepts', {})).toMatchObject({ tells: [] });
    expect(await without.ask('steer', { node: NODE, line: 'xb' })).toMatchObject({
      tells: { about: null },
    });
  });

  it('ends what is read of a subject when another is shown, or none', async () => {
    const { fake, ask, leave, move, session } = bridged();
    await move('abcd', 1);
    // The next words of the model never come.
    fake.gate.wait = new Promise(() => undefined);
    const asked = (line: string) => [
      ask('bridgeNodes', { line, measure: 7, concept: null }),
      ask('steerControls', { node: NODE, line }),
    ];
    const first = asked('xb');
    await expect.poll(() => fake.calls).toContain(`controls ${NODE} xb`);
    session.setMeasured({ kind: 'zero' });
    expect(await Promise.all(first)).toMatchObject([{ type: 'void' }, { type: 'void' }]);
    expect(fake.calls).toContain('ended nodes xb 7');
    expect(fake.calls).toContain(`ended controls ${NODE} xb`);
    const second = asked('yb');
    await expect.poll(() => fake.calls).toContain(`controls ${NODE} yb`);
    await leave();
    expect(session.current).toBeNull();
    expect(await Promise.all(second)).toMatchObject([{ type: 'void' }, { type: 'void' }]);
    // Who saves or changes something means the subject that was there.
    expect((['export', 'compare', 'label'] as const).some(reads)).toBe(false);
    expect((['bridgeNodes', 'card', 'isolate'] as const).every(reads)).toBe(true);
  });

  it('is shown what to steer by until the page has taken it up', async () => {
    const { ask, last, session, move } = bridged();
    await move('abcd', 0);
    const cursor = { document: sourceDocument('abcd'), place: { line: 0, character: 2 } };
    await session.steerAt(cursor, NODE);
    expect(session.isPinned).toBe(true);
    expect(last('subject')!.subject).toMatchObject({ line: 'abc', dense: { node: NODE } });
    // A page that was not there yet hears it when it is.
    await session.greet();
    expect(last('subject')!.subject.dense).toMatchObject({ node: NODE });
    await ask('card', { node: NODE, token: 2 });
    await session.greet();
    expect(last('subject')!.subject.dense).toMatchObject({ node: null });
  });

  it('is to be steered by nothing once a subject without a dense model was shown', async () => {
    const { last, session, move } = bridged();
    await move('abcd', 1);
    const cursor = { document: sourceDocument('abcd'), place: { line: 0, character: 2 } };
    await session.steerAt(cursor, NODE);
    expect(last('subject')!.subject.dense).toMatchObject({ node: NODE });
    session.pin(false);
    session.setMode('why');
    await move('abcd', 0);
    expect(last('subject')!.subject.dense).toBeNull();
    session.setMode('next');
    await move('abcd', 1);
    expect(last('subject')!.subject.dense).toMatchObject({ node: null });
  });
});
