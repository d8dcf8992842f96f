/** Exported circuits: read back, they are drawn as they were, with their groups and notes. */
import { describe, expect, it } from 'vitest';
import { circuitJson } from '../../../extension/panel/circuitJson';
import { isRecorded, readRecorded, type RecordedCircuit } from '../../../extension/panel/recorded';
import { sampleLabel, sampleLabels } from '../../support/labels';
import { conversation, NODE } from './fakeModel';

/** A session that has exported what it shows. */
async function exported(mode: 'next' | 'why' = 'next') {
  const made = conversation();
  const { session, parts, move, ask } = made;
  session.restore(mode, null);
  await move('abcd', 1);
  const token = session.current!.question.reader;
  await ask('group', { vertices: [{ node: NODE, token }], name: 'mine' });
  await ask('arrange', { group: 'mine', change: { collapsed: false, note: 'of the group' } });
  await ask('mark', { vertices: [{ node: NODE, token }], pinned: true, note: 'of the node' });
  const current = session.current!;
  const json = await circuitJson(current, parts.notes.of(session.notesOf(current)), parts);
  return { ...made, json, data: JSON.parse(json) as Record<string, unknown> };
}
const infoOf = async ({ parts }: Pick<ReturnType<typeof conversation>, 'parts'>) =>
  await parts.models.info();

describe('an exported circuit', () => {
  it('has an entry a line, the text up to the prediction, and what people made of the nodes', async () => {
    const { json, data } = await exported();
    expect(isRecorded(data)).toBe(true);
    expect(data.text).toBe('abc');
    expect(data).toMatchObject({
      groups: [{ name: 'mine', collapsed: false, note: 'of the group' }],
      nodes: [{ node: NODE, token: 1, group: 'mine', pinned: true, note: 'of the node' }],
    });
    expect(json.split('\n').filter((line) => line.includes(NODE))).toHaveLength(1);
  });

  it('has what the model’s labels say beside what a person calls a node', async () => {
    const { session, parts, move } = conversation();
    await move('abcd', 1);
    const bundled = sampleLabels(['comma', 'a name'], {
      [NODE]: { positive: sampleLabel([1]), negative: sampleLabel([2]) },
    });
    const meanings = { labels: () => Promise.resolve(bundled) } as unknown as typeof parts.meanings;
    const nodes = async () => {
      const none = { groups: [], nodes: [] };
      const json = await circuitJson(session.current!, none, { ...parts, meanings });
      return (JSON.parse(json) as { nodes: unknown[] }).nodes;
    };
    expect(await nodes()).toMatchObject([{ node: NODE, activation: 2, tells: 'comma' }]);
    expect(JSON.stringify(await nodes())).not.toContain('"label"');
    await parts.labels.set(await parts.models.info(), NODE, 'mine', 'file:///a.py');
    expect(await nodes()).toMatchObject([{ node: NODE, label: 'mine', tells: 'comma' }]);
  });

  it('says by which ablation its effects were measured, and that it was at their tokens', async () => {
    const { session, parts, ask, move } = conversation();
    await move('abcd', 1);
    expect(await ask('measure', { kind: { kind: 'zero' }, place: 'all' })).toMatchObject({
      type: 'failed',
    });
    await ask('measure', { kind: { kind: 'zero' } });
    await session.update();
    const json = await circuitJson(session.current!, { groups: [], nodes: [] }, parts);
    expect(JSON.parse(json)).toMatchObject({ measured: { kind: { kind: 'zero' }, place: 'at' } });
  });

  it.each(['next', 'why'] as const)(
    'is drawn again as it was measured, wherever the cursor is: %s',
    async (mode) => {
      const { data, last: before } = await exported(mode);
      const shown = before('circuit')!.circuit;
      const again = conversation();
      const { session, fake, last, move } = again;
      await move('dcba', 3);
      const read = readRecorded(data, 'a.circuit.json', await infoOf(again));
      if (!('recorded' in read)) throw new Error('it is no recorded circuit');
      fake.calls.length = 0;
      session.open(read.recorded);
      await session.update();
      const seen = ({ nodes }: typeof shown) =>
        nodes.map(({ id, role, activation, effect }) =>
          role === 'channel' ? { id, activation, effect } : { id },
        );
      expect(seen(last('circuit')!.circuit)).toEqual(seen(shown));
      expect(last('circuit')!.circuit.edges).toEqual(shown.edges);
      // Nothing was measured anew.
      expect(fake.calls.some((call) => call.startsWith('circuit'))).toBe(false);
      expect(last('subject')!.subject).toMatchObject({ recorded: 'a.circuit.json', mode });
      expect(last('notes')!.notes).toMatchObject({
        groups: [{ name: 'mine', collapsed: false, note: 'of the group' }],
        nodes: [{ group: 'mine', pinned: true, note: 'of the node' }],
      });
      await move('dcba', 1);
      expect(last('subject')!.subject.recorded).toBe('a.circuit.json');
      expect(session.isPinned).toBe(true);
    },
  );

  it('is measured anew when another token is asked about, and left by closing it', async () => {
    const { data } = await exported();
    const again = conversation();
    const { session, fake, last, ask, move } = again;
    await move('dcba', 1);
    const read = readRecorded(data, 'x', await infoOf(again)) as { recorded: RecordedCircuit };
    session.open(read.recorded);
    await session.update();
    fake.calls.length = 0;
    await ask('target', { id: 7, contrast: null });
    await session.update();
    expect(fake.calls).toContain('circuit 1 measured');
    await ask('drawn', { act: 'close' });
    await session.update();
    expect(last('subject')!.subject).toMatchObject({ recorded: null, file: 'a.py' });
  });

  it('keeps what people change of it in a file of the workspace, which is there when it is opened again', async () => {
    const { data } = await exported();
    const again = conversation();
    const { session, last, ask, move, files } = again;
    await move('dcba', 1);
    const read = readRecorded(data, 'x', await infoOf(again)) as { recorded: RecordedCircuit };
    session.open(read.recorded);
    await session.update();
    await ask('arrange', { group: 'mine', change: { name: 'ours' } });
    expect([...files.values()].join('')).toContain('"circuit": "x"');
    session.draw(null);
    await session.update();
    session.open(read.recorded);
    await session.update();
    expect(last('notes')!.notes.groups.map(({ name }) => name)).toEqual(['ours']);
  });

  it.each([
    ['another model', { bundle: { name: 'x', hash: 'y' } }, /is a circuit of the model x y/],
    ['a node of no model', { nodes: [{ node: '9.attn.q.1', token: 0, activation: 1, effect: 0 }] }, /layers 0 to/], // prettier-ignore
    ['a token that is none', { target: { id: 4000 } }, /has no token 4000/],
    ['no edges', { edges: null }, /edges.*export the circuit again/],
  ])('is refused with the reason: %s', async (_, wrong, reason) => {
    const made = await exported();
    const info = await infoOf(made);
    expect(() => readRecorded({ ...made.data, ...wrong }, 'f', info)).toThrow(reason);
  });

  it('of a task is the circuit of the task again, with the text as its prompt', async () => {
    const made = conversation();
    const { session, parts, move } = made;
    await move('abcd', 1);
    session.draw({
      ...{ name: 'colon', model: 'a', description: 'says `:`', ablation: 'zero' },
      ...{ core: [NODE], backups: ['0.attn.q.1'], edgeCount: 1, facts: [] },
      edges: [{ from: '0.attn.q.1', to: NODE, weight: 0.5 }],
      prompts: [{ prompt: 'ab', answer: 'c', other: 'd' }],
    });
    await session.update();
    const data: unknown = JSON.parse(
      await circuitJson(session.current!, { groups: [], nodes: [] }, parts),
    );
    // Of a task each node is ablated at every token.
    expect(data).toMatchObject({ measured: { kind: { kind: 'zero' }, place: 'all' } });
    const read = readRecorded(data, 'f', await infoOf(made));
    expect(read).toMatchObject({
      drawn: {
        ...{ name: 'colon', core: [NODE], backups: ['0.attn.q.1'], ablation: 'zero' },
        edges: [{ weight: 0.5 }],
        prompts: [{ prompt: 'ab', answer: 'c', other: 'd' }],
      },
    });
  });
});
