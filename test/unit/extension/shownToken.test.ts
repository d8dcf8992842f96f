/** Parts of a character: the whole character is shown wherever it is known, and that the token is a part of it. */
import { describe, expect, it } from 'vitest';
import { hoverMarkdown } from '../../../extension/hover/markdown';
import { whereText } from '../../../extension/interventions/describe';
import { asked } from '../../../extension/panel/asked';
import { cardView, type NodeReading } from '../../../extension/panel/cardView';
import { circuitView } from '../../../extension/panel/circuitView';
import { lensView } from '../../../extension/panel/lensView';
import { predictionView } from '../../../extension/panel/predictionView';
import { storyView } from '../../../extension/panel/storyView';
import { subjectView } from '../../../extension/panel/subject';
import { SourceText } from '../../../extension/text/sourceText';
import { anchorAt } from '../../../extension/trace/anchor';
import type { Snapshot } from '../../../extension/trace/documents';
import { shownIds, shownText, stretchText } from '../../../extension/trace/shownToken';
import { tokenView } from '../../../extension/trace/tokenView';
import type { Traces } from '../../../extension/trace/traces';
import type { Example } from '../../../models/bundles/examples';
import { tokenPiece, tokenPieceAt } from '../../../models/labels/explain/tokenPiece';
import { tinyConfig } from '../../support/models';

const config = tinyConfig();
/** `x`, then the two bytes of an Arabic letter, a token each, then `=` and an emoji in three. */
const TEXT = 'xا=😀';
const tokenTexts = ['x', '\\xd8', '\\xa7', '=', '\\xf0\\x9f', '\\x98', '\\x80', '<|endoftext|>'];
const texts = tokenTexts.map((text) => (text.startsWith('\\') ? null : text));
const info = {
  ...{ name: 'tiny', hash: 'h', config, tokenTexts, texts, endOfText: 7, bridgedTo: null },
};
const snapshot: Snapshot = {
  ...{ uri: 'file:///a.py', version: 1, source: new SourceText(TEXT), info },
  encoding: {
    ids: Uint16Array.of(0, 1, 2, 3, 4, 5, 6),
    starts: Uint32Array.of(0, 1, 2, 2, 3, 5, 5),
    ends: Uint32Array.of(1, 2, 2, 3, 5, 5, 5),
  },
};
/** The second byte of the letter is likeliest, whatever is asked. */
const trace = {
  logprobs: Float32Array.from({ length: 8 }, (_, id) => (id === 2 ? -0.1 : -3 - id)),
  sites: [],
};
const HALF = /\\x[0-9a-f]{2}(?!\\x| \(part of a character\))/;

describe('a part of a character', () => {
  it('is shown as its character in the panel: in headings, bars, lanes, the lens and the card', () => {
    const question = asked(snapshot, 1, 'next');
    const target = { id: 2, contrast: 5 };
    const shown = { question, target, drawn: null, recorded: null, other: null };
    expect(subjectView(shown)).toMatchObject({
      cursor: { text: 'ا (part 1 of 2)' },
      reader: { text: 'ا (part 1 of 2)' },
      target: { text: 'ا (part 2 of 2)', observed: true },
      contrast: { text: '\\x98 (part of a character)' },
    });
    const inForce = { ablations: 0, nodes: 0 };
    const compared = { before: trace, now: trace, target, observed: 2, compared: false, inForce };
    const bars = predictionView(question, compared).candidates.map(({ text }) => text);
    expect(bars[0]).toBe('ا (part 2 of 2)');
    expect(bars.join('\n')).not.toMatch(HALF);
    const rows = [{ layers: 0, top: { id: 1, logprob: -1 }, logprob: -1, rank: 1 }];
    const read = { bundle: 'h', position: 1, target: 2, bigram: false, rows };
    const lens = lensView(read, question, inForce);
    expect([lens.target, lens.rows[0].top]).toEqual([
      'ا (part 2 of 2)',
      '\\xd8 (part of a character)',
    ]);
    const circuit = circuitView(
      {
        ...{ bundle: 'h', position: 2, window: { start: -1, end: 3 }, value: -1, edges: [] },
        ...{ target: { id: 3, contrast: null }, inputs: [], hidden: { nodes: 0, measured: 0 } },
        nodes: [{ node: '0.attn.v.5', token: 1, activation: 1, effect: -2, estimate: 0 }],
        outputs: [{ id: 3, node: 'logit.3', logprob: -1 }],
      },
      snapshot,
      { kind: 'mean' },
    );
    expect(circuit.nodes.map(({ at, label }) => at ?? label)).toEqual([
      ...['ا (part 2 of 2)', 'ا (part 1 of 2)', 'ا (part 1 of 2)', '='],
    ]);
  });

  it('stands once among its neighbors, in the file and in held-out text', () => {
    expect(stretchText(snapshot, 0, 7)).toBe('xا=😀');
    const reading = {
      ...{ node: '0.mlp.post_act.1', token: 5, activation: 1, now: 1, effect: 0 },
      ...{
        kind: { kind: 'mean' },
        activationOf: () => 0,
        names: { given: new Map(), bundled: null },
      },
      scan: { start: 0, values: Float32Array.of(0, 0, 0, 0, 0, 2, 0) },
    } as unknown as NodeReading;
    const strongest = (example: Example) => [{ percentile: null, examples: [example] }];
    const facts = {
      ...{ mean: 0, labels: null, readCount: 0, writeCount: 0, reads: [], writes: [] },
      ...{ promotes: [{ id: 1, weight: 1 }], suppresses: [], excitedBy: [], inhibitedBy: [] },
      examples: {
        positive: strongest({
          ...{ activation: 5, tokens: Uint16Array.of(3, 1, 2, 0, 4, 5, 6, 5), at: 5 },
        }),
        negative: strongest({ activation: -5, tokens: Uint16Array.of(5, 0), at: 0 }),
        activity: null,
      },
    };
    const card = cardView(asked(snapshot, 5, 'next'), reading, facts);
    expect(card.strongest[0]).toMatchObject({
      ...{ before: 'xا=', text: '😀 (part 2 of 3)', after: '' },
    });
    expect(card.strip.texts.join('\n')).not.toMatch(HALF);
    expect(card.promotes[0].text).toBe('\\xd8 (part of a character)');
    expect(card.heldOut.positive[0].examples[0]).toMatchObject({
      ...{ before: '=اx', text: '😀 (part 2 of 3)', after: '\\x98' },
    });
    // At an edge nobody knows the character.
    expect(card.heldOut.negative[0].examples[0].text).toBe('\\x98 (part of a character)');
  });

  it('is put together of bytes only where they are a character', () => {
    const words = (...ids: number[]) => shownIds(info, ids).map(shownText);
    expect(words(2, 1, 2)).toEqual([
      ...['\\xa7 (part of a character)', 'ا (part 1 of 2)', 'ا (part 2 of 2)'],
    ]);
    expect(words(4, 5, 0)).toEqual([
      ...['\\xf0\\x9f (part of a character)', '\\x98 (part of a character)', 'x'],
    ]);
  });

  it('is said to be one in sentences, in hovers and lists of ablations', async () => {
    const story = storyView(
      [[tokenPiece(info, 1)], [tokenPieceAt(info, TEXT, snapshot.encoding, 2)]],
      config,
    );
    expect(story).toEqual([
      [{ code: '\\xd8' }, ' (part of a character)'],
      [{ code: 'ا' }, ' (part ', '2', ' of ', '2', ')'],
    ]);
    const traces = { trace: () => Promise.resolve(trace) } as unknown as Traces;
    const view = await tokenView(traces, { snapshot, token: 1, interventions: [] }, 3);
    expect(view.candidates[0]).toMatchObject({ text: 'ا', part: { index: 1, count: 2 } });
    const place = { uri: 'file:///a.py', line: 0, character: 1 };
    const markdown = hoverMarkdown({
      ...{ view, rows: [], config, bridgedTo: null, place, detail: 'full', note: '' },
      whyNot: { text: '\\xa7', partial: true, part: null },
    });
    expect(markdown).toContain(
      '**<code>&#8296;&#1575;&#8297;</code>** (part 1 of 2 of this character)',
    );
    expect(markdown).toContain(
      '</code>&nbsp;(part&nbsp;2&nbsp;of&nbsp;2&nbsp;of&nbsp;this&nbsp;character)',
    );
    expect(markdown).toMatch(/Why not <code>&#92;xa7<\/code>&nbsp;\(part&nbsp;of/);
    expect(whereText({ where: { at: anchorAt(snapshot, 2) } })).toBe('at part 2 of ‘ا’ in line 1');
  });
});
