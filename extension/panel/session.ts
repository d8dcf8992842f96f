/**
 * One panel's conversation: what it was told of the prediction that it is about. Every subject has a
 * number; answers on an older one are never sent, and requests about an older one are not heard.
 */
import { t } from '../../shared/l10n';
import type { Intervention } from '../../models/inference/interventions';
import { oneLine } from '../../models/oneLine';
import type { Kind, Mode, Pin, Told, Way } from '../../webview/protocol';
import { isAbort, Newest } from '../cancel';
import { Emitter } from '../emitter';
import { AnchorSchema, type Anchor } from '../trace/anchor';
import type { Encoded } from '../trace/documents';
import * as v from 'valibot';
import { Answers } from './answers';
import type { DrawnCircuit } from './drawn';
import type { NotesOf } from '../notes/json';
import { notesView } from './notesView';
import type { SessionParts } from './parts';
import { recordedNotes, type RecordedCircuit } from './recorded';
import type { Asked } from './asked';
import { subjectView, type Current } from './subject';
import { Telling } from './telling';
import { Viewpoint, type Around, type Cursor } from './viewpoint';

/** What a session asks of the editor. */
export interface Surroundings extends Around {
  /** The node that colors the text. */
  colored(): string | null;
  send(message: Told): void;
}

export class Session {
  /** Fires when the page is about to hear of another subject, or that there is none. */
  readonly replaced = new Emitter();
  private seq = 0;
  private kind: Kind = { kind: 'mean' };
  private shown: Current | null = null;
  /** What the dense model is to be steered by; null once the page knows, and for nothing. */
  private steered: string | null = null;
  /** Finding out what to show, showing it, and following the ablations: each cancels its like. */
  private readonly looking = new Newest();
  private readonly showing = new Newest();
  private readonly changing = new Newest();
  private readonly answers: Answers;
  private readonly viewpoint: Viewpoint;
  private readonly telling: Telling;

  constructor(
    private readonly parts: SessionParts,
    private readonly around: Surroundings,
  ) {
    this.answers = new Answers(parts);
    this.viewpoint = new Viewpoint(parts, around);
    this.telling = new Telling(this.answers, parts.log, {
      current: () => this.shown,
      found: (circuit) => {
        if (this.shown) this.shown = { ...this.shown, circuit };
      },
      send: (message) => {
        around.send(message);
      },
    });
  }

  /** The subject that is shown; null while there is none. */
  get current(): Current | null {
    return this.shown;
  }

  /** Whether it stays at a token, or at an exported circuit. */
  get isPinned(): boolean {
    return this.viewpoint.pinned !== null || this.viewpoint.recorded !== null;
  }

  /** Name of the task's circuit that is drawn; null where the prediction's own is. */
  get drawnName(): string | null {
    return this.viewpoint.drawn?.circuit.name ?? null;
  }

  /** Takes up what was remembered. */
  restore(mode: Mode, pin: Pin): void {
    this.viewpoint.mode = mode;
    const anchor = v.safeParse(AnchorSchema, pin);
    this.viewpoint.pinned = anchor.success ? anchor.output : null;
  }

  setMode(mode: Mode): void {
    this.viewpoint.mode = mode;
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
    const usual = id === null && contrast === null;
    this.viewpoint.aim(question, usual ? null : { id: id ?? target.id, contrast });
    void this.update();
  }

  /** Compares the prediction with another text; null for none. */
  async compare({ question, drawn }: Current, text: string | null): Promise<void> {
    if (drawn) throw new Error(t('close the task circuit before comparing texts'));
    await this.viewpoint.compare(question, text);
    void this.update();
  }

  /** The text up to the token that the cursor is on. */
  textAtCursor({ question }: Current): Promise<string> {
    return this.viewpoint.textAtCursor(question);
  }

  /** Draws a task's circuit in the place of the prediction's own; null draws that again. */
  draw(circuit: DrawnCircuit | null): void {
    this.viewpoint.draw(circuit);
    void this.update();
  }

  /** Draws an exported circuit, on the text that it is of. */
  open(recorded: RecordedCircuit): void {
    this.kind = recorded.kind;
    this.forget();
    this.viewpoint.open(recorded);
    void this.update();
  }

  /** Looks at a prompt of the circuit that is drawn, or at the file. */
  lookAt(prompt: number | null): void {
    this.viewpoint.lookAt(prompt);
    void this.update();
  }

  /** Stays at the token of the subject, or follows the cursor again. */
  pin(on: boolean): void {
    this.viewpoint.pin(on ? (this.shown?.question ?? null) : null);
    this.sendPin();
    if (!on) void this.update();
  }

  /** Stays at the token at a place, wherever the cursor is. */
  async pinTo(cursor: Cursor): Promise<void> {
    this.viewpoint.draw(null);
    await this.viewpoint.pinTo(cursor);
    this.sendPin();
    await this.update();
  }

  /** Stays at the token at a place, and shows the dense model, to be steered by a node. */
  async steerAt(cursor: Cursor, node: string): Promise<void> {
    this.steered = node;
    this.forget();
    await this.pinTo(cursor);
  }

  /** The page has taken up the node that the dense model is to be steered by. */
  tookUp(node: string): void {
    if (this.steered === node) this.steered = null;
  }

  /** Moves the pin with its token through an edit. */
  follow(edit: Encoded): void {
    if (this.viewpoint.follow(edit)) this.sendPin();
  }

  /** Moves the pin by a change of its anchor. */
  movePin(change: (anchor: Anchor) => Anchor): void {
    if (this.viewpoint.movePin(change)) this.sendPin();
  }

  /** Says everything again, to a page that has just been loaded. */
  async greet(): Promise<void> {
    this.forget();
    this.sendPin();
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
      const question = await this.viewpoint.question(signal, () => {
        this.empty(t('Loading the model…'), true);
      });
      if (signal.aborted || question === null) return;
      if ('ways' in question) this.empty(question.text, false, question.ways);
      else await this.show(question, signal);
    } catch (error) {
      if (isAbort(error) || signal.aborted) return;
      const { state } = this.parts.models;
      if (state.kind === 'failed') {
        const text = t('The model cannot be loaded: {0}', state.message);
        this.empty(text, false, ['model', 'again']);
      } else this.empty(oneLine(error), false, ['again']);
      this.parts.log.warn(`circuit panel: ${oneLine(error)}`);
    }
  }

  /** What a change of the ablations does to the prediction: one pass of the model. */
  async changed(): Promise<void> {
    this.sendAblations();
    const { shown } = this;
    if (!shown) return;
    const signal = this.changing.start();
    await this.telling.changed(shown, signal);
  }

  /** Works out again what failed, with a model that is loaded anew where that failed. */
  async again(): Promise<void> {
    const { models } = this.parts;
    this.forget();
    if (models.state.kind === 'failed') await models.reset();
    await this.update();
  }

  /** Ends what is under way: nobody looks. A page that greets gets everything anew. */
  rest(): void {
    this.looking.cancel();
    this.forget();
  }

  private async show(question: Asked, looking: AbortSignal): Promise<void> {
    const start = performance.now();
    const before = await this.answers.before(question, looking);
    if (looking.aborted) return;
    const target = this.viewpoint.target(question, before);
    const other = await this.viewpoint.other(question);
    if (looking.aborted) return;
    const key = this.viewpoint.key(question, target, other);
    if (this.shown?.key === key) {
      // An edit behind the token changes nothing but the document.
      this.shown = { ...this.shown, question };
      return;
    }
    const signal = this.showing.start();
    const { kind } = this;
    const { drawn, recorded } = this.viewpoint;
    const shown = {
      seq: ++this.seq,
      key,
      question,
      target,
      drawn,
      recorded,
      other,
      kind,
      circuit: null,
    };
    this.shown = shown;
    const subject = subjectView(shown, this.steered);
    // Where there is no dense model nothing is to be steered, now or at the next subject.
    if (!subject.dense) this.steered = null;
    this.replaced.fire();
    this.around.send({ type: 'subject', seq: shown.seq, subject });
    this.sendAblations();
    this.sendLabels();
    this.sendNotes();
    await this.telling.all(shown, signal, start);
  }

  /** The ablations that act on a subject. */
  interventions(question: Asked): readonly Intervention[] {
    return this.answers.interventions(question);
  }

  private sendPin(): void {
    const { pinned } = this.viewpoint;
    this.around.send({ type: 'pinned', place: pinned, lost: pinned?.lost ?? false });
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

  /** Groups, pins and notes of the subject's nodes; those that are still in their file when they are there. */
  sendNotes(): void {
    const { shown } = this;
    if (!shown) return;
    const { notes } = this.parts;
    const of = this.notesOf(shown);
    const { recorded, question } = shown;
    const begin = recorded ? recordedNotes(recorded, question.snapshot) : undefined;
    void notes.load(of, question.snapshot, begin);
    this.around.send({
      type: 'notes',
      seq: shown.seq,
      notes: notesView(notes.of(of), shown.question),
    });
  }

  /** Whose notes a subject has: its document's, or those of the task's circuit that is drawn. */
  notesOf({ question: { snapshot }, drawn, recorded }: Current): NotesOf {
    const own = this.parts.notes.ofDocument(snapshot);
    const circuit = { ...own, kind: 'circuit', folder: null } as const;
    if (recorded) return { ...circuit, name: recorded.name };
    return drawn ? { ...circuit, name: drawn.circuit.name, uri: null } : own;
  }

  private empty(text: string, busy = false, ways: readonly Way[] = []): void {
    this.forget();
    this.replaced.fire();
    this.around.send({ type: 'empty', seq: ++this.seq, text, busy, ways: [...ways] });
  }
}
