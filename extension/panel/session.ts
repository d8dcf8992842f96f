/**
 * One panel's conversation: which prediction it is about, and what it was told of it. Every subject has
 * a number; answers on an older one are never sent, and requests about an older one are not heard.
 */
import type { Intervention } from '../../models/runtime/interventions';
import { oneLine } from '../../models/runtime/oneLine';
import type { Kind, Mode, Part, Pin, Told } from '../../webview/protocol';
import { isAbort, Newest } from '../cancel';
import type { Place } from '../text/sourceText';
import { tokenAtPlace, type SourceDocument } from '../trace/documents';
import { traceKey } from '../trace/traces';
import { Answers } from './answers';
import type { SessionParts } from './parts';
import { asked, subjectView, targetOf, type Asked, type Current, type Target } from './subject';

/** Where people are: a document, and a place in it. */
export interface Cursor {
  readonly document: SourceDocument;
  readonly place: Place;
}

/** What a session asks of the editor. */
export interface Surroundings {
  /** The Python editor that people are in or were in last; null without one. */
  cursor(): Cursor | null;
  /** An open document. */
  document(uri: string): SourceDocument | null;
  /** The node that colors the text. */
  colored(): string | null;
  send(message: Told): void;
}

const NO_EDITOR = 'Open a Python file and put the cursor on a token: its circuit appears here.';
const NO_TOKEN = 'The document is empty. Type some Python, and the circuit appears here.';

export class Session {
  private seq = 0;
  private mode: Mode = 'next';
  private pinned: Pin = null;
  private kind: Kind = { kind: 'mean' };
  /** Tokens that people ask about, of the prediction of a key. */
  private wanted: (Target & { readonly of: string }) | null = null;
  private shown: Current | null = null;
  /** Finding out what to show, showing it, and following the ablations: each cancels its like. */
  private readonly looking = new Newest();
  private readonly showing = new Newest();
  private readonly changing = new Newest();
  /** How often each was worked out: what is overtaken is not sent. */
  private readonly rounds = { prediction: 0, now: 0 };
  private readonly answers: Answers;

  constructor(
    private readonly parts: SessionParts,
    private readonly around: Surroundings,
  ) {
    this.answers = new Answers(parts);
  }

  /** The subject that is shown; null while there is none. */
  get current(): Current | null {
    return this.shown;
  }

  /** Takes up what was remembered. */
  restore(mode: Mode, pinned: Pin): void {
    this.mode = mode;
    this.pinned = pinned;
  }

  setMode(mode: Mode): void {
    this.mode = mode;
    void this.update();
  }

  /** Measures effects by another ablation. */
  setMeasured(kind: Kind): void {
    this.kind = kind;
    this.forget();
    void this.update();
  }

  /** Asks about another token of a prediction, or about one against another; null for what is usual. */
  setTarget({ question, target }: Current, id: number | null, contrast: number | null): void {
    this.wanted =
      id === null && contrast === null
        ? null
        : { of: predictionKey(question), id: id ?? target.id, contrast };
    void this.update();
  }

  /** Stays at the token of the subject, or follows the cursor again. */
  pin(on: boolean): void {
    const question = this.shown?.question;
    this.pinned = on && question ? { uri: question.snapshot.uri, token: question.cursor } : null;
    this.around.send({ type: 'pinned', place: this.pinned });
    if (!on) void this.update();
  }

  /** Moves the pin with its token through an edit. */
  follow(uri: string, follow: (token: number) => number | undefined): void {
    if (this.pinned?.uri !== uri) return;
    const token = follow(this.pinned.token);
    this.pinned = token === undefined ? null : { uri, token };
    this.around.send({ type: 'pinned', place: this.pinned });
  }

  /** Says everything again, to a page that has just been loaded. */
  async greet(): Promise<void> {
    this.forget();
    this.around.send({ type: 'pinned', place: this.pinned });
    this.around.send({ type: 'colored', node: this.around.colored() });
    this.sendAblations();
    await this.update();
  }

  /** Void: the model or what is measured is another. */
  forget(): void {
    this.showing.cancel();
    this.changing.cancel();
    this.shown = null;
  }

  /** Looks where people are now and shows that, unless it is shown already. */
  async update(): Promise<void> {
    const signal = this.looking.start();
    try {
      const question = await this.question(signal);
      if (signal.aborted || !question) return;
      await this.show(question, signal);
    } catch (error) {
      if (isAbort(error) || signal.aborted) return;
      const { state } = this.parts.models;
      this.empty(
        state.kind === 'failed' ? `The model cannot be loaded: ${state.message}` : oneLine(error),
      );
      this.parts.log.warn(`circuit panel: ${oneLine(error)}`);
    }
  }

  /** What a change of the ablations does to the prediction: one pass of the model. */
  async changed(): Promise<void> {
    this.sendAblations();
    const { shown } = this;
    if (!shown) return;
    const signal = this.changing.start();
    await this.guarded(shown, signal, 'prediction', () => this.sendPrediction(shown, signal));
    await this.guarded(shown, signal, 'now', () => this.sendNow(shown, signal));
  }

  /** Ends what is under way: nobody looks. A page that greets gets everything anew. */
  rest(): void {
    this.looking.cancel();
    this.forget();
  }

  private async question(signal: AbortSignal): Promise<Asked | null> {
    const place = this.place();
    if (!place) {
      this.empty(NO_EDITOR);
      return null;
    }
    const { models, documents } = this.parts;
    if (models.state.kind === 'failed') {
      throw new Error(models.state.message);
    }
    if (models.state.kind !== 'ready') this.empty('Loading the model…', true);
    const snapshot = await documents.snapshot(place.document);
    if (signal.aborted) return null;
    const token =
      'place' in place
        ? tokenAtPlace(snapshot, place.place)
        : Math.min(place.token, snapshot.encoding.ids.length - 1);
    if (token === undefined || token < 0) {
      this.empty(NO_TOKEN);
      return null;
    }
    return asked(snapshot, token, this.mode);
  }

  private place(): Cursor | { document: SourceDocument; token: number } | null {
    if (this.pinned) {
      const document = this.around.document(this.pinned.uri);
      if (document) return { document, token: this.pinned.token };
      this.pinned = null;
      this.around.send({ type: 'pinned', place: null });
    }
    return this.around.cursor();
  }

  private async show(question: Asked, looking: AbortSignal): Promise<void> {
    const start = performance.now();
    const { log } = this.parts;
    const before = await this.answers.before(question, looking);
    if (looking.aborted) return;
    const of = predictionKey(question);
    // Which token people asked about means nothing for another prediction.
    if (this.wanted?.of !== of) this.wanted = null;
    const target = this.wanted ?? { id: targetOf(question, before), contrast: null };
    const key = JSON.stringify([of, target.id, target.contrast]);
    if (this.shown?.key === key) {
      // An edit behind the token changes nothing but the document.
      this.shown = { ...this.shown, question };
      return;
    }
    const signal = this.showing.start();
    const { kind } = this;
    const shown = { seq: ++this.seq, key, question, target, kind, circuit: null };
    this.shown = shown;
    this.around.send({ type: 'subject', seq: shown.seq, subject: subjectView(question, target) });
    this.sendAblations();
    this.sendLabels();
    const after = () => `after ${(performance.now() - start).toFixed(1)} ms`;
    await this.guarded(shown, signal, 'prediction', () => this.sendPrediction(shown, signal));
    log.debug(`circuit panel: prediction ${after()}`);
    await this.guarded(shown, signal, 'circuit', () => this.sendCircuit(shown, signal));
    log.debug(`circuit panel: circuit ${after()}`);
    await this.guarded(shown, signal, 'now', () => this.sendNow(shown, signal));
  }

  private async sendPrediction(shown: Current, signal: AbortSignal): Promise<void> {
    const { seq, question, target } = shown;
    const round = ++this.rounds.prediction;
    const prediction = await this.answers.prediction(question, target, signal);
    // The ablations were changed meanwhile, and the newer prediction may have been there sooner.
    if (round !== this.rounds.prediction) return;
    this.answer(shown, signal, { type: 'prediction', seq, prediction });
  }

  /** By estimates at first, then by measured effects. */
  private async sendCircuit(shown: Current, signal: AbortSignal): Promise<void> {
    const { seq, question, target, kind } = shown;
    const onProgress = (done: number, total: number) => {
      this.answer(shown, signal, { type: 'progress', seq, what: 'Ablating nodes:', done, total });
    };
    for (const measure of [false, true]) {
      const wanted = { target, kind, measure, signal, onProgress };
      const circuit = await this.answers.circuit(question, wanted);
      if (signal.aborted || this.shown?.seq !== seq) return;
      this.shown = { ...this.shown, circuit };
      this.around.send({ type: 'circuit', seq, circuit });
    }
    this.answer(shown, signal, { type: 'progress', seq, what: '', done: 1, total: 1 });
  }

  /** Activations under the ablations. */
  private async sendNow(shown: Current, signal: AbortSignal): Promise<void> {
    const { seq, question } = shown;
    const circuit = this.shown?.seq === seq ? this.shown.circuit : null;
    if (!circuit) return;
    const round = ++this.rounds.now;
    const now = await this.answers.now(question, circuit, signal);
    if (round !== this.rounds.now) return;
    this.answer(shown, signal, { type: 'now', seq, now });
  }

  /** The ablations that act on a subject. */
  interventions(question: Asked): readonly Intervention[] {
    return this.answers.interventions(question);
  }

  /** Tells something, if its subject is still the one that is shown. */
  private answer(shown: Current, signal: AbortSignal, message: Told): void {
    if (!signal.aborted && this.shown?.seq === shown.seq) this.around.send(message);
  }

  sendAblations(): void {
    const ablations = this.answers.ablations(this.shown?.question ?? null);
    this.around.send({ type: 'ablations', ablations });
  }

  /** Labels of the nodes of the subject's model. */
  sendLabels(): void {
    if (!this.shown) return;
    this.around.send({ type: 'labels', labels: this.answers.labels(this.shown.question) });
  }

  private empty(text: string, busy = false): void {
    this.forget();
    this.around.send({ type: 'empty', seq: ++this.seq, text, busy });
  }

  /** Works a part of a subject out; what goes wrong is said in one line. */
  private async guarded(
    shown: Current,
    signal: AbortSignal,
    part: Part,
    work: () => Promise<void>,
  ): Promise<void> {
    if (signal.aborted) return;
    try {
      await work();
    } catch (error) {
      if (isAbort(error)) return;
      const text = oneLine(error);
      this.parts.log.warn(`circuit panel: ${part}: ${text}`);
      this.answer(shown, signal, { type: 'problem', seq: shown.seq, part, text });
    }
  }
}

/** What tells one prediction from another. */
function predictionKey({ snapshot, reader, cursor, mode }: Asked): string {
  const at = traceKey({ snapshot, token: reader, interventions: [] });
  return JSON.stringify([snapshot.uri, cursor, mode, at]);
}
