/** A runtime whose tokens are characters and whose numbers are made up, with the work counted. */
import { visible } from '../../../extension/text/visible';
import { Models } from '../../../extension/model/models';
import { NodeMeanings } from '../../../extension/nodes/meaning';
import type { Doings } from '../../../extension/panel/handlers';
import type { SessionParts } from '../../../extension/panel/parts';
import { CircuitSource } from '../../../extension/panel/source';
import { Requests } from '../../../extension/panel/requests';
import { Session } from '../../../extension/panel/session';
import type { Cursor } from '../../../extension/panel/viewpoint';
import { InterventionStore } from '../../../extension/interventions/store';
import { Documents, type SourceDocument } from '../../../extension/trace/documents';
import { Traces } from '../../../extension/trace/traces';
import type { TokenCircuit } from '../../../models/circuits/token/circuit';
import { say } from '../../../models/labels/explain/sentence';
import type { OtherText } from '../../../models/runtime/otherText';
import type { Runtime } from '../../../models/runtime/runtime';
import type { BridgeNodesRequest, SteerRequest } from '../../../models/runtime/steer';
import { readToPanel, type Answer, type Told, type What } from '../../../webview/protocol';
import { keptIn, memoryFolder } from '../../support/folders';
import { sampleLabel, sampleLabels } from '../../support/labels';
import { tinyConfig } from '../../support/models';

const VOCAB = 40;
/** A line end, which is shown as an escape. */
const NEWLINE = 30;
const shownText = (id: number) => (id === NEWLINE ? '\\n' : String.fromCharCode(96 + id));
/** What its predictions at token 1 find likeliest, as it is shown. */
export const LIKELIEST = visible(shownText(VOCAB - 1));
const config = tinyConfig({ vocab: VOCAB, context: 8 });
export const NODE = '0.mlp.post_act.3';
/** What the node tells where it is negative. */
const NEGATIVE = sampleLabel([1], {
  loss: { where: 0.2, elsewhere: 0.01, standardError: 0.02 },
  prediction: { where: 0.3, elsewhere: 0.01, standardError: 0.02 },
});
const silent = { info() {}, warn() {}, error() {}, debug() {}, show() {} };

interface Signal {
  readonly signal?: AbortSignal;
}
interface TraceOptions {
  readonly interventions?: readonly unknown[];
  readonly whole?: boolean;
}

/** Log-probabilities of some tokens; all others have next to nothing. */
function shares(by: Readonly<Record<number, number>>): Float32Array {
  return Float32Array.from({ length: VOCAB }, (_, id) => Math.log(by[id] ?? 1e-6));
}

function mentionOf({ node, token }: TokenCircuit['nodes'][number], label: string | null) {
  const about = label === null ? say('→ {0}', { code: 'd' }) : null;
  return { node, token, text: 'L0 MLP neuron 3', label, about };
}

/** Activations of a window from token -1 on, alike for all nodes of a token, [pos, node]. */
function byToken(width: number, value: (token: number) => number): Float32Array {
  return Float32Array.from({ length: 9 * width }, (_, i) => value(Math.floor(i / width) - 1));
}

/**
 * A runtime that can be made to wait, and its calls.
 * @param bridgedTo the dense model that it is bridged to
 */
export function fakeRuntime(hash = 'a', bridgedTo: string | null = null) {
  const calls: string[] = [];
  /** Every intervention that was run. */
  const ablated: unknown[] = [];
  const gate = { wait: Promise.resolve() };
  const answer = async <T>(call: string, result: T, signal?: AbortSignal): Promise<T> => {
    calls.push(call);
    const aborted = new Promise<never>((_, reject) => {
      signal?.addEventListener('abort', () => {
        calls.push(`ended ${call}`);
        reject(signal.reason as Error);
      });
    });
    await Promise.race([gate.wait, aborted]);
    return result;
  };
  const runtime = {
    info: {
      ...{ name: 'fake', hash, config, bridgedTo, endOfText: VOCAB - 1 },
      tokenTexts: Array.from({ length: VOCAB }, (_, id) => shownText(id)),
      texts: Array.from({ length: VOCAB }, (_, id) => (id === NEWLINE ? '\n' : shownText(id))),
    },
    tokens: (text: string) =>
      answer('tokens', {
        ids: Uint16Array.from(text, (char) => char.charCodeAt(0) - 96),
        starts: Uint32Array.from(text, (_, i) => i),
        ends: Uint32Array.from(text, (_, i) => i + 1),
      }),
    trace: (
      _: string,
      { token }: { token: number },
      { interventions = [], whole = false }: TraceOptions,
    ) => {
      const off = interventions.length;
      ablated.push(...interventions);
      return answer(`trace ${token} ${off}`, {
        ...{ bundle: hash, position: token, window: { start: -1, end: 8 } },
        logprobs: Float32Array.from(
          { length: VOCAB },
          (_, id) => -1 - off - ((id + token) % VOCAB),
        ),
        sites: [
          { site: '0.mlp.post_act', indices: Int32Array.of(3), values: Float32Array.of(2 - off) },
        ],
        whole: whole
          ? new Map([
              // Only where the prediction is made it is as in the trace of that token.
              ['0.mlp.post_act', byToken(32, (own) => (own === token ? 2 - off : own / 10))],
              ['0.mlp.act_in', byToken(16, (own) => own / 10)],
              ['0.attn.q', byToken(16, (own) => (own + 1) / 10)],
              ['0.attn.k', byToken(16, (own) => (own + 1) / 10)],
            ])
          : null,
      });
    },
    circuit: (
      _: string,
      { token }: { token: number },
      { target, measure, other }: { target: number; measure: number; other?: OtherText },
    ) => {
      const effect = measure > 0 ? -0.5 : null;
      const circuit: TokenCircuit = {
        ...{ bundle: hash, position: token, window: { start: -1, end: token + 1 }, value: -1 },
        ...{ target: { id: target, contrast: null }, inputs: [], edges: [] },
        nodes: [
          {
            ...{ node: NODE, token, activation: 2, effect, estimate: -0.4 },
            ...(other ? { other: 5 } : {}),
          },
        ],
        outputs: [{ id: target, node: `logit.${target}`, logprob: -1 }],
        hidden: { nodes: 3, measured: 0 },
      };
      const how = measure > 0 ? 'measured' : 'estimated';
      const beside = other ? ` beside ${other.text} ${JSON.stringify(other.position)}` : '';
      return answer(`circuit ${token} ${how}${beside}`, circuit);
    },
    effects: (
      _: string,
      __: unknown,
      { nodes = [NODE], target }: { nodes?: string[]; target: number },
    ) =>
      answer('effects', {
        ...{ bundle: hash, target, contrast: null, logprob: -1, nodes },
        activations: new Float32Array(nodes.length),
        effects: Float32Array.from(nodes, (_, i) => -1 - i),
      }),
    explain: (_: string, { nodes: [first] }: TokenCircuit) =>
      answer('explain', [
        [
          'It rests on ',
          mentionOf(first, 'a name'),
          ` (${first.effect} nats) after `,
          { code: ' b\n' },
          '.',
        ],
        ['Then comes ', mentionOf(first, null), '.'],
      ]),
    labels: () => Promise.resolve(sampleLabels(['inside ( )'], { [NODE]: { negative: NEGATIVE } })),
    facts: () =>
      answer('facts', {
        ...{ reads: [{ node: '0.mlp.act_in.1', weight: 0.5 }], readCount: 9 },
        ...{ writes: [{ node: 'logit.3', weight: -1 }], writeCount: 1 },
        ...{ promotes: [{ id: 4, weight: 1 }], suppresses: [], excitedBy: [], inhibitedBy: [] },
        ...{ mean: 0.25 },
        labels: {
          positive: null,
          negative: {
            text: 'inside ( )',
            causal: true,
            label: NEGATIVE,
          },
        },
        examples: {
          positive: [null, 90].map((percentile) => ({
            percentile,
            examples: [
              {
                activation: percentile === null ? 5 : 3,
                tokens: Uint16Array.of(1, 2, 3),
                at: 1,
              },
            ],
          })),
          negative: [],
          activity: { tokens: 9, positive: 4, negative: 0, low: 0, high: 5, bins: [3, 1] },
        },
      }),
    attention: (_: string, { token }: { token: number }, head: { layer: number; head: number }) => {
      if (head.head > 3) return Promise.reject(new Error(`there is no head ${head.head}`));
      return answer(`attention ${token}`, {
        ...{ bundle: hash, position: token, window: { start: -1, end: 3 } },
        pattern: Float32Array.of(
          0.4,
          0.6,
          0,
          0,
          0,
          0.2,
          0.3,
          0.5,
          0,
          0,
          0.1,
          0.2,
          0.3,
          0.4,
          0,
          0.1,
          0.1,
          0.2,
          0.2,
          0.4,
        ),
        products: Float32Array.from({ length: 12 }, (_, i) => i / 10),
        recency: Float32Array.of(-0.2, -0.1, 0),
      });
    },
    lens: (
      _: string,
      { token }: { token: number },
      { target, interventions }: { target: number; interventions: unknown[] },
    ) =>
      answer(`lens ${token} ${interventions.length}`, {
        ...{ bundle: hash, position: token, target, bigram: true },
        rows: [
          { layers: 0, top: { id: 5, logprob: Math.log(0.5) }, logprob: Math.log(0.1), rank: 4 },
          { layers: 1, top: { id: target, logprob: -0.1 }, logprob: -0.1, rank: 1 },
        ],
      }),
    checkInterventions: ([{ nodes, into }]: { nodes: string[]; into?: string }[]) =>
      nodes[0] === '1.mlp.act_in.0'
        ? Promise.reject(new Error(`no weight leads from ${nodes[0]} to ${into}`))
        : Promise.resolve(),
    weight: (
      _: string,
      { token }: { token: number },
      of: { from: string; to: string; token: number },
    ) =>
      answer(`weight ${of.from} ${of.to} ${of.token} for ${token}`, {
        ...{ bundle: hash, weight: 0.5, here: -0.1, everywhere: -0.2 },
      }),
    activations: (_: string, __: string[], { range }: { range: { start: number; end: number } }) =>
      answer('activations', {
        values: new Float32Array(range.end - range.start).fill(1),
        means: Float32Array.of(0.25),
      }),
    steer: ({ text, other, position, node, strengths }: SteerRequest) =>
      answer(`steer ${node} ${JSON.stringify(position)} ${text} ${other}`, {
        ...{ wanted: 5, given: shares({ 4: 0.9, 5: 0.1 }), other: shares({ 5: 0.8 }) },
        curve: strengths.map((strength) =>
          shares({ 4: 0.9 - 0.6 * strength, 5: 0.1 + 0.6 * strength }),
        ),
      }),
    steerControls: ({ other, node, signal }: SteerRequest & Signal) =>
      answer(
        `controls ${node} ${other}`,
        {
          randomNodes: [{ name: '0.mlp.post_act.1', probability: 0.12 }],
          denseChannels: Array.from({ length: 20 }, (_, i) => ({
            ...{ name: `1.attn.act_in.${i}`, probability: 0.3 - i / 100 },
          })),
        },
        signal,
      ),
    bridgeNodes: ({ other, measure, concept, signal }: BridgeNodesRequest & Signal) =>
      answer(
        `nodes ${other} ${measure}${concept === null ? '' : ` of ${concept}`}`,
        {
          ...{ wanted: 5, shareWithout: 0.1, differing: 30 },
          nodes: [{ name: NODE, probability: 0.7 }],
        },
        signal,
      ),
    concepts: () =>
      answer('concepts', {
        concepts: [{ concept: 'inside ( )', description: '', alone: 1, others: 0 }],
        nodes: [],
      }),
    close: () => Promise.resolve(),
  };
  return { runtime: runtime as unknown as Runtime, calls, ablated, gate };
}

export const sourceDocument = (
  text: string,
  uri = 'file:///a.py',
  version = 1,
): SourceDocument => ({
  ...{ uri: { toString: () => uri }, version, getText: () => text },
});

/** A message as the panel reads it. */
function accepted(message: unknown) {
  const read = readToPanel(message);
  if (typeof read === 'string') throw new Error(`the panel would refuse a message: ${read}`);
  return read;
}

/**
 * A session on a fake model, and everything that it sent, checked as the panel checks it.
 * @param kept labels and notes; by default those of one folder in memory
 */
export function conversation(fake = fakeRuntime(), kept?: Pick<SessionParts, 'labels' | 'notes'>) {
  const sent: Told[] = [];
  const answers: Answer[] = [];
  const done: string[] = [];
  const { folder, files } = memoryFolder();
  let cursor: Cursor | null = null;
  const models = new Models(() => Promise.resolve(fake.runtime), silent);
  const memory = { get: () => undefined, update: () => Promise.resolve() };
  const parts: SessionParts = {
    models,
    documents: new Documents(models),
    traces: new Traces(models, 1 << 20),
    store: new InterventionStore(memory, () => undefined),
    source: new CircuitSource(models),
    meanings: new NodeMeanings(models),
    ...(kept ??
      keptIn(folder, (message) => {
        throw new Error(message);
      })),
    log: silent,
  };
  const session = new Session(parts, {
    cursor: () => cursor,
    document: (uri) => (cursor?.document.uri.toString() === uri ? cursor.document : null),
    colored: () => null,
    send: (message) => {
      sent.push(accepted(message) as Told);
    },
  });
  parts.notes.changed.on(() => {
    session.sendNotes();
  });
  parts.documents.encoded.on((edit) => {
    parts.notes.follow(edit);
  });
  const doings: Doings = {
    drawn: (act, { name }) => Promise.resolve(void done.push(`${act} ${name}`)),
    open: (way) => Promise.resolve(void done.push(`open ${way}`)),
    color: (node) => void done.push(`color ${node}`),
    reveal: (_, token) => void done.push(`reveal ${token}`),
    export: (_, format) => Promise.resolve(void done.push(`export ${format}`)),
  };
  const requests = new Requests(session, parts, doings, (answer) => {
    answers.push(accepted(answer) as Answer);
  });
  let id = 0;
  /** Asks, by default about the subject that is shown, and waits for the end of the request. */
  const ask = async (what: What, asks: unknown, seq = session.current?.seq ?? 0) => {
    const own = ++id;
    requests.receive({ type: 'ask', id: own, seq, what, asks });
    for (;;) {
      const answer = answers.find((one) => one.id === own);
      if (answer) return answer;
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  };
  const move = (text: string, character: number, version = 1, uri = 'file:///a.py') => {
    cursor = {
      document: sourceDocument(text, uri, version),
      place: { line: 0, character },
    };
    return session.update();
  };
  /** Puts the cursor nowhere. */
  const leave = () => {
    cursor = null;
    return session.update();
  };
  const types = () => sent.map(({ type }) => type);
  const last = <T extends Told['type']>(type: T) =>
    sent.findLast((message): message is Extract<Told, { type: T }> => message.type === type);
  return {
    ...{
      files,
      fake,
      session,
      requests,
      parts,
      sent,
      answers,
      done,
      types,
      last,
      move,
      leave,
      ask,
    },
  };
}
