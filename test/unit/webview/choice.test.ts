/** A node is a channel at a token: its card is asked for, and shown, for both. */
import { describe, expect, it, vi } from 'vitest';
import { Choice } from '../../../webview/choice';
import { emptyModel } from '../../../webview/model';
import { readState, type Vertex, type ViewState } from '../../../webview/protocol';
import { channel, circuit } from './graphs';

// Its elements need a page.
vi.mock('../../../webview/toolkit', () => ({}));
const { CardView } = await import('../../../webview/views/card');

const NODE = '0.mlp.post_act.3';
const OTHER = '1.attn.k.2';

/** What was chosen in a picture with one channel at two tokens, and another; and the cards that it asked for. */
function choosing() {
  const asked: Vertex[] = [];
  const at = (node: string, token: number) => channel(`${node}@${token}`, 1, -1, { node, token });
  const model = {
    ...{ ...emptyModel(), seq: 1, subject: { reader: { token: 9 } } },
    circuit: circuit([at(NODE, 4), at(NODE, 7), at(OTHER, 7)], []),
  };
  const host = {
    state: readState(undefined),
    remember(change: Partial<ViewState>) {
      this.state = { ...this.state, ...change };
    },
  };
  const client = {
    ask: (_: string, vertex: Vertex) => {
      asked.push(vertex);
      return Promise.resolve({ ...vertex, steers: vertex.node === NODE });
    },
  };
  const opened: string[] = [];
  const drawing = { open: (group: string) => opened.push(group) };
  const around = { model, host, client, drawing, changed: () => undefined };
  const choice = new Choice(around as unknown as ConstructorParameters<typeof Choice>[0]);
  return { asked, choice, model, opened, host };
}
const four = { node: NODE, token: 4 };
const seven = { node: NODE, token: 7 };

it('a group of a large circuit is opened when it is chosen, and nothing is selected', () => {
  const { asked, choice, opened, host } = choosing();
  choice.select(['group core 3']);
  expect(opened).toEqual(['group core 3']);
  expect(asked).toEqual([]);
  expect(host.state.selected).toEqual([]);
});

describe('the card of a node', () => {
  it('says once it is there whether its node can steer', async () => {
    const { choice } = choosing();
    expect(choice.steering).toBeNull();
    choice.open(four);
    expect(choice.steering).toBeNull();
    await expect.poll(() => choice.steering).toBe(NODE);
    choice.open({ node: OTHER, token: 7 });
    expect(choice.steering).toBeNull();
    await expect.poll(() => choice.card.now.value?.node).toBe(OTHER);
    expect(choice.steering).toBeNull();
  });

  it('is asked for at each token at which its channel is chosen, and once at one', () => {
    const { asked, choice } = choosing();
    for (const token of [4, 7, 7, 4]) choice.select([`${NODE}@${token}`]);
    expect(asked).toEqual([four, seven, four]);
    // As a link in a card opens another node.
    choice.open({ node: OTHER, token: 4 });
    choice.open({ node: OTHER, token: 7 });
    expect(asked.slice(3).map(({ token }) => token)).toEqual([4, 7]);
  });

  it('is asked anew for another subject, at the token where it was chosen', () => {
    const { asked, choice, model } = choosing();
    choice.select([`${NODE}@4`]);
    model.seq++;
    choice.selectAgain();
    choice.selectAgain();
    expect(asked).toEqual([four, four]);
    // Where the channel is no longer drawn it is that at which the prediction is made.
    model.seq++;
    model.circuit = circuit([], []);
    choice.selectAgain();
    expect(asked.at(-1)).toEqual({ node: NODE, token: 9 });
  });

  it('is not shown for another token than that which is chosen', async () => {
    const { choice } = choosing();
    const shown = () => {
      const panel = { choice } as unknown as Parameters<typeof CardView>[0]['panel'];
      return JSON.stringify(CardView({ panel }).props);
    };
    choice.select([`${NODE}@4`]);
    await new Promise((resolve) => setTimeout(resolve));
    expect(choice.card.now.value).toMatchObject(four);
    choice.select([`${NODE}@7`]);
    expect(choice.card.now.value).toMatchObject(four);
    expect(shown()).toContain(`Loading ${NODE}`);
  });
});
