/** Two texts side by side: their predictions, and the circuit of what differs. */
import { describe, expect, it } from 'vitest';
import { circuitJson } from '../../../extension/panel/circuitJson';
import { readRecorded, type RecordedCircuit } from '../../../extension/panel/recorded';
import { NO_NOTES } from '../../../extension/notes/notes';
import { conversation, NODE } from './fakeModel';

/** All that can happen without the model has happened: the fake one answers without a timer. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** A session that compares `ab` with `xyz`. */
async function compared() {
  const made = conversation();
  await made.move('abcd', 1);
  const asked = await made.ask('compare', { line: 'xyz' });
  expect(asked.type).toBe('answer');
  await settled();
  return made;
}

describe('two texts', () => {
  it('are predicted side by side, and the circuit is of what differs', async () => {
    const { fake, last, session } = await compared();
    expect(last('subject')!.subject).toMatchObject({ line: 'ab', other: { line: 'xyz' } });
    const { prediction } = last('prediction')!;
    expect(prediction.compared).toBe(true);
    // The trace of token 1 of the one, and of token 2 of the other.
    const { before, now } = prediction.candidates.find(({ target }) => target)!;
    const share = (token: number) => Math.exp(-1 - ((39 + token) % 40));
    expect([before, now]).toEqual([expect.closeTo(share(1)), expect.closeTo(share(2))]);
    expect(fake.calls).toContain('circuit 1 measured beside xyz {"token":2}');
    const node = last('circuit')!.circuit.nodes.find((one) => one.node === NODE)!;
    expect(node).toMatchObject({ activation: 2, other: 5, effect: -0.5 });
    // Sentences tell what ablations do, which nobody measured here.
    expect(session.current!.other!.reader).toBe(2);
    expect(fake.calls.filter((call) => call === 'explain')).toHaveLength(1);
  });

  it('give each other their nodes: what is patched is in force, beside both predictions', async () => {
    const { fake, session, parts, ask, last } = await compared();
    parts.store.changed.on(() => void session.changed());
    expect(last('prediction')!.prediction.logprob.ablated).toBeUndefined();
    const node = { node: NODE, token: 1 };
    expect((await ask('patch', { vertices: [node] })).type).toBe('answer');
    await settled();
    const patch = { nodes: [NODE], positions: { at: 1 }, kind: { kind: 'patch', values: [5] } };
    expect(fake.ablated.at(-1)).toEqual(patch);
    const { prediction } = last('prediction')!;
    // The stand-in takes one nat off everything for an ablation; the other text stays as it is.
    const { before, ablated } = prediction.logprob;
    expect(ablated! - before).toBeCloseTo(-1);
    expect(prediction.inForce).toEqual({ ablations: 1, nodes: 1 });
    for (const one of prediction.candidates) {
      expect(one.ablated! / one.before).toBeCloseTo(Math.exp(-1));
    }
    expect(last('ablations')!.ablations.entries[0]).toMatchObject({
      ...{ nodes: [NODE], kind: null, change: '→ activations of another text', token: 1 },
    });
    // A second time is the same; kept as the model has it, nothing is left.
    await ask('patch', { vertices: [node] });
    expect(parts.store.state.entries).toHaveLength(1);
    await ask('ablate', { vertices: [node], kind: null, place: 'at' });
    expect(parts.store.state.entries).toEqual([]);
  });

  it('give nothing where a node does not differ, or there is no other text', async () => {
    const { ask, parts } = await compared();
    const strange = { vertices: [{ node: '1.mlp.act_in.0', token: 1 }] };
    expect(await ask('patch', strange)).toMatchObject({
      ...{ type: 'failed', text: expect.stringMatching(/does not differ/) as string },
    });
    await ask('compare', { line: null });
    await settled();
    expect(await ask('patch', { vertices: [{ node: NODE, token: 1 }] })).toMatchObject({
      ...{ type: 'failed', text: expect.stringMatching(/compare with one first/) as string },
    });
    expect(parts.store.state.entries).toEqual([]);
  });

  it('are one text again when people say so, or look at another prediction', async () => {
    const { last, ask, move } = await compared();
    await ask('compare', { line: null });
    await settled();
    expect(last('subject')!.subject.other).toBeNull();
    expect(last('prediction')!.prediction.compared).toBe(false);
    await ask('compare', { line: 'xyz' });
    await settled();
    expect(last('subject')!.subject.other).not.toBeNull();
    await move('abcd', 2);
    expect(last('subject')!.subject.other).toBeNull();
  });

  it('are refused with the reason where there is nothing to compare', async () => {
    const { move, ask, session } = conversation();
    await move('abcd', 1);
    expect(await ask('compare', { line: 'ab' })).toMatchObject({
      type: 'failed',
      text: expect.stringMatching(/the same/),
    });
    expect(await ask('compare', { line: '' })).toMatchObject({
      type: 'failed',
      text: expect.stringMatching(/empty/),
    });
    expect(await ask('compareCursor', {})).toMatchObject({
      type: 'failed',
      text: expect.stringMatching(/pin the panel/),
    });
    expect(session.current!.other).toBeNull();
  });

  it('may be one text up to two tokens of it', async () => {
    const { move, ask, session, last } = conversation();
    await move('abcd', 3);
    session.pin(true);
    await move('abcd', 1);
    expect(last('subject')!.subject.cursor.token).toBe(3);
    await ask('compareCursor', {});
    await settled();
    expect(last('subject')!.subject).toMatchObject({ line: 'abcd', other: { line: 'ab' } });
  });

  it('are exported and drawn again as they were compared', async () => {
    const { session, parts } = await compared();
    const data: unknown = JSON.parse(await circuitJson(session.current!, NO_NOTES, parts));
    const again = conversation();
    await again.move('dcba', 0);
    const read = readRecorded(data, 'f', await again.parts.models.info());
    again.session.open((read as { recorded: RecordedCircuit }).recorded);
    await again.session.update();
    expect(again.last('subject')!.subject.other).toEqual({ line: 'xyz' });
    const nodes = again.last('circuit')!.circuit.nodes;
    expect(nodes.find(({ node }) => node === NODE)).toMatchObject({ activation: 2, other: 5 });
  });
});
