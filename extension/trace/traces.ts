/** Traces, effects and scans of documents: from the cache, or from the worker. */
import { createHash } from 'node:crypto';
import type { Effects } from '../../models/runtime/effects';
import type { Intervention } from '../../models/inference/interventions';
import type { LabelPlaces, PickedConcept } from '../../models/runtime/labelPlaces';
import type { EffectsOptions } from '../../models/runtime/runtime';
import type { TokenRange } from '../../models/inference/textTokens';
import type { Trace } from '../../models/inference/trace';
import { windowKey } from '../../models/inference/windowCache';
import { windowOf } from '../../models/inference/windows';
import type { Models } from '../model/models';
import { ByteCache } from './byteCache';
import type { Snapshot } from './documents';
import { SharedWork, type OnProgress } from './sharedWork';
import { tokenTrace, traceBytes, type TokenTrace } from './tokenTrace';
import { wholeWindows } from './tokens';

const EFFECTS_BYTES = 16 * 2 ** 20;
const BYTES_A_NODE = 120;

/** A node and what ablating it does. */
export interface NodeEffect {
  readonly node: string;
  readonly activation: number;
  /** Change of the target's log-probability (nats). */
  readonly effect: number;
}

/** What is asked of a prediction: why this token, or why this one and not that. */
export interface Question {
  /** Token id whose log-probability counts. */
  readonly target: number;
  /** Token id whose log-probability is taken off; null for none. */
  readonly contrast: number | null;
}

/** Exact effects of nodes that are active at a token, each ablated there only, largest first. */
export interface TokenEffects extends Question {
  readonly nodes: readonly NodeEffect[];
}

/** Where in which document, and under which interventions. */
export interface At {
  readonly snapshot: Snapshot;
  /** Token index; -1 is the start of the text. */
  readonly token: number;
  readonly interventions: readonly Intervention[];
}

/** How effects are wanted. */
interface EffectsWanted {
  readonly count?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: OnProgress | undefined;
}

/** Some numbers of consecutive tokens. */
export interface Scan {
  /** Index of the first token. */
  readonly start: number;
  /** [pos] */
  readonly values: Float32Array;
}

/** Activations of some nodes at consecutive tokens. */
export interface NodesScan {
  /** Index of the first token. */
  readonly start: number;
  /** [node, pos] */
  readonly values: Float32Array;
  /** Mean of each node over the training data, [node]. */
  readonly means: Float32Array;
}

export class Traces {
  private readonly traces: ByteCache<TokenTrace>;
  private readonly known = new ByteCache<TokenEffects>(EFFECTS_BYTES);
  private readonly tracing = new SharedWork<Trace>();
  private readonly measuring = new SharedWork<Effects>();

  /** @param bytes memory for traces */
  constructor(
    private readonly models: Models,
    bytes: number,
  ) {
    this.traces = new ByteCache(bytes);
    models.replaced.on(() => {
      this.traces.clear();
      this.known.clear();
    });
  }

  /** Prediction and active nodes at a token. */
  async trace(at: At, signal?: AbortSignal): Promise<TokenTrace> {
    const { snapshot, token, interventions } = at;
    const key = traceKey(at);
    const known = this.traces.get(key, snapshot.uri);
    if (known) return known;
    const made = await this.tracing.join(key, signal, (signal) =>
      this.models.useModel('trace', snapshot.info, (runtime) =>
        runtime.trace(snapshot.source.text, { token }, { interventions, signal }),
      ),
    );
    const kept = tokenTrace(made);
    this.traces.set(key, snapshot.uri, kept, traceBytes(kept));
    return kept;
  }

  /**
   * Effects of mean-ablating nodes that are active at the token, at this token only, on what is asked.
   * Hundreds to thousands of nodes a second.
   * @param count of the nodes that an estimate ranks first so many, which takes a fraction of a second; all by default
   */
  async effects(
    at: At,
    question: Question,
    { count, signal, onProgress }: EffectsWanted = {},
  ): Promise<TokenEffects> {
    const key = `${traceKey(at)} ${question.target} ${question.contrast ?? 'alone'} ${count ?? 'all'}`;
    const { uri } = at.snapshot;
    const found = this.known.get(key, uri);
    if (found) return found;
    const start = (signal: AbortSignal, onProgress: OnProgress) =>
      this.ablateEach(at, question, { top: count, signal, onProgress });
    const kept = tokenEffects(await this.measuring.join(key, signal, start, onProgress));
    this.known.set(key, uri, kept, BYTES_A_NODE * (kept.nodes.length + 1));
    return kept;
  }

  private ablateEach(
    { snapshot, token, interventions }: At,
    { target, contrast }: Question,
    {
      top,
      ...options
    }: Pick<EffectsOptions, 'signal' | 'onProgress'> & { readonly top: number | undefined },
  ): Promise<Effects> {
    const ablated = { ablation: { kind: 'mean' }, positions: 'here', interventions } as const;
    const asked = {
      target,
      ...(contrast !== null && { contrast }),
      ...(top !== undefined && { top }),
    };
    return this.models.useModel('effects', snapshot.info, (runtime) =>
      runtime.effects(snapshot.source.text, { token }, { ...ablated, ...asked, ...options }),
    );
  }

  /** Surprisal (nats) of the tokens of a range and of those in the same windows. */
  async surprisal(
    snapshot: Snapshot,
    range: TokenRange,
    interventions: readonly Intervention[],
    signal: AbortSignal,
  ): Promise<Scan> {
    // A token's prediction belongs to the token before it.
    const readers = aligned(snapshot, { start: range.start - 1, end: range.end - 1 });
    const whole = { start: readers.start + 1, end: readers.end + 1 };
    const { length } = snapshot.encoding.ids;
    const wanted = { start: whole.start, end: Math.min(whole.end, length) };
    const { surprisal } = await this.models.useModel('surprisal', snapshot.info, (runtime) =>
      runtime.surprisal(snapshot.source.text, { range: wanted, interventions, signal }),
    );
    return { start: wanted.start, values: surprisal };
  }

  /** Activation of a node at the tokens of a range and at those in the same windows. */
  async activations(
    snapshot: Snapshot,
    node: string,
    range: TokenRange,
    interventions: readonly Intervention[],
    signal: AbortSignal,
  ): Promise<Scan> {
    const { start, values } = await this.nodes(snapshot, [node], range, interventions, signal);
    return { start, values };
  }

  /** Activations of some nodes, and their means, at the same tokens as `activations` gives. */
  async nodes(
    snapshot: Snapshot,
    nodes: readonly string[],
    range: TokenRange,
    interventions: readonly Intervention[],
    signal: AbortSignal,
  ): Promise<NodesScan> {
    const whole = aligned(snapshot, range);
    const wanted = { start: Math.max(0, whole.start), end: whole.end };
    const { values, means } = await this.models.useModel('activations', snapshot.info, (runtime) =>
      runtime.activations(snapshot.source.text, nodes, { range: wanted, interventions, signal }),
    );
    return { start: wanted.start, values, means };
  }

  /** Where the label of a node, or one concept of it, holds in a document; null for a node without one. */
  async labelPlaces(
    { info, source }: Snapshot,
    node: string,
    picked: PickedConcept | undefined,
    signal: AbortSignal,
  ): Promise<LabelPlaces | null> {
    return await this.models.useModel('labelPlaces', info, (runtime) =>
      runtime.labelPlaces(source.text, node, { picked, signal }),
    );
  }

  /** Frees what is kept for a document only. */
  close(uri: string): void {
    this.traces.release(uri);
    this.known.release(uri);
  }

  /** Bounds the memory for traces. */
  resize(bytes: number): void {
    this.traces.resize(bytes);
  }
}

function tokenEffects({ target, contrast, nodes, activations, effects }: Effects): TokenEffects {
  const each = nodes.map((node, i) => ({ node, activation: activations[i], effect: effects[i] }));
  return { target, contrast, nodes: each };
}

function aligned({ encoding, info }: Snapshot, range: TokenRange): TokenRange {
  return wholeWindows(range, encoding.ids.length, info.config.context);
}

/**
 * What a trace depends on: the model, the interventions, and the window's tokens up to the one
 * traced, since no later one can matter.
 */
export function traceKey({ snapshot, token, interventions }: At): string {
  const { encoding, info } = snapshot;
  const { start } = windowOf(token, encoding.ids.length, info.config.context);
  const ids = Int32Array.from(encoding.ids.subarray(Math.max(0, start), token + 1));
  const first = Int32Array.of(start < 0 ? info.endOfText : -1);
  return digest(info.hash + windowKey(interventions, start, first, ids));
}

/** Short, since thousands are kept. */
function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}
