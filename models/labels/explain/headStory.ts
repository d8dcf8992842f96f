/** What attention of a circuit does, head by head. */
import { nodeName } from '../../transformer/nodes';
import type { HeadReading } from './heads';
import { listed, say, shareText, signedText, type Piece, type Sentence } from './sentence';
import { NAMED, someOf, type ToldCircuit } from './told';

/**
 * What a head looks for and moves, in a sentence or two.
 * @param mention a node by name; one that is no node of the circuit is only named
 */
export function tellHead(
  head: HeadReading,
  layer: number,
  { textOf, model }: Pick<ToldCircuit, 'textOf' | 'model'>,
  mention: (node: string, inCircuit?: boolean) => Piece,
): Sentence {
  const { last, from, to, prompts, share, sink, sinkLogit, score, byNodes, recency, slope } = head;
  const index = (channel: number) => head.head * model.config.dHead + channel;
  const channel = ({ channel, product }: HeadReading['channels'][number]): Piece =>
    say(
      '{0} × {1} {2}',
      mention(nodeName({ layer, site: 'attn.q', index: index(channel) }), head.q.includes(channel)), // prettier-ignore
      mention(nodeName({ layer, site: 'attn.k', index: index(channel) }), head.k.includes(channel)), // prettier-ignore
      signedText(product),
    );
  const strongest = [...head.channels].sort((a, b) => Math.abs(b.product) - Math.abs(a.product));
  const named = strongest.slice(0, NAMED).map(channel);
  const moved = head.v
    .slice(0, NAMED)
    .map((c) => mention(nodeName({ layer, site: 'attn.v', index: index(c) })));
  const where =
    last > prompts / 2
      ? say('the last token ({0} of {1} prompts)', `${last}`, `${prompts}`)
      : say('{0} ({1} of {2} prompts)', { code: textOf(from.id) }, `${from.count}`, `${prompts}`);
  const keys = to.map(({ id, count }) =>
    say('{0} ({1} of {2})', { code: textOf(id) }, `${count}`, `${prompts}`),
  );
  return [
    say(
      'Head {0}, from {1}, attends most often to {2}: {3} of its attention goes to its top token{4}{5}.',
      `${head.head}`,
      where,
      listed(keys),
      shareText(share),
      sinkLogit === null ? '' : say(', {0} to its sink (logit {1})', shareText(sink), signedText(sinkLogit)), // prettier-ignore
      recency === 0
        ? ''
        : say(
            '; distance changes its score by {0} nats, {1} per token',
            signedText(recency),
            signedText(-slope),
          ),
    ),
    ...(named.length === 0
      ? []
      : [
          ' ',
          say(
            'Of its score of {0} nats the circuit’s channels account for {1}: {2}.',
            signedText(score),
            signedText(byNodes),
            listed(named),
          ),
        ]),
    ...(moved.length === 0
      ? []
      : [' ', say('It moves {0}.', someOf(moved, head.v.length - moved.length))]),
  ];
}
