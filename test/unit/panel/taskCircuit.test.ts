/** A task’s circuit in the panel, and what is done to it. */
import { describe, expect, it } from 'vitest';
import { conversation, NODE } from './fakeModel';

describe('a circuit of a task', () => {
  const drawn = {
    ...{ name: 'one_or_two', model: 'a', description: 'which of two', ablation: 'mean' as const },
    ...{ core: [NODE, '1.attn.k.2'], backups: ['1.mlp.act_in.3'], edgeCount: 1 },
    edges: [{ from: NODE, to: '1.attn.k.2', weight: 0.5 }],
    facts: [['loss', '0.1 nats'] as const],
    prompts: [
      { prompt: 'abc', answer: 'd', other: 'e' },
      { prompt: 'abb', answer: 'e', other: 'd' },
    ],
  };
  const update = async (session: { update(): Promise<void> }) => {
    await session.update();
  };

  it('is drawn on its prompts and on the file, core and backups apart, as active as there', async () => {
    const { session, ask, last, move } = conversation();
    await move('abcd', 1);
    session.draw(drawn);
    await update(session);
    const { subject } = last('subject')!;
    expect(subject).toMatchObject({
      ...{ file: 'prompt 1', reader: { token: 2, text: 'c' } },
      ...{ target: { text: 'd' }, contrast: { text: 'e' } },
      drawn: { name: 'one_or_two', prompt: 0, facts: [{ of: 'loss', value: '0.1 nats' }] },
    });
    const { nodes, edges } = last('circuit')!.circuit;
    expect(nodes.map(({ id, part }) => [id, part])).toEqual([
      ...[
        [NODE, 'core'],
        ['1.attn.k.2', 'core'],
        ['1.mlp.act_in.3', 'backup'],
      ],
    ]);
    expect(nodes.map(({ activation, effect }) => [activation, effect])).toEqual([
      ...[
        [2, -1],
        [0, -2],
        [0, -3],
      ],
    ]);
    expect(edges).toEqual([
      { from: NODE, to: '1.attn.k.2', kind: 'weight', weight: 0.5, contribution: 1 },
    ]);
    await ask('prompt', { index: 1 });
    await update(session);
    expect(last('subject')!.subject).toMatchObject({ target: { text: 'e' }, drawn: { prompt: 1 } });
    await ask('prompt', { index: null });
    await update(session);
    expect(last('subject')!.subject).toMatchObject({ file: 'a.py', drawn: { prompt: null } });
    expect(await ask('prompt', { index: 2 })).toMatchObject({ type: 'failed' });
  });

  it('is about the answers of its prompt, one that is shown as an escape too', async () => {
    const { session, last, move } = conversation();
    await move('abcd', 1);
    const prompts = [{ prompt: 'abc', answer: '\n', other: 'e' }];
    session.draw({ ...drawn, prompts });
    await update(session);
    expect(last('subject')!.subject).toMatchObject({
      ...{ target: { text: '\\n' }, contrast: { text: 'e' } },
    });
  });

  it('is acted on by name, and closed', async () => {
    const { session, ask, done, last, move } = conversation();
    await move('abcd', 1);
    session.draw(drawn);
    await update(session);
    await ask('drawn', { act: 'necessary' });
    expect(done).toEqual(['necessary one_or_two']);
    await ask('drawn', { act: 'close' });
    await update(session);
    expect(last('subject')!.subject).toMatchObject({ file: 'a.py', drawn: null });
  });

  it('is let go when the model is another', async () => {
    const { session, last, move } = conversation();
    await move('abcd', 1);
    session.draw({ ...drawn, model: 'b' });
    await update(session);
    expect(last('subject')!.subject).toMatchObject({ file: 'a.py', drawn: null });
  });
});
