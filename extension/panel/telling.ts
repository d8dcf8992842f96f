/** What is told of a subject, worked out part by part, as long as that subject is shown. */
import { t } from '../../shared/l10n';
import { oneLine } from '../../models/oneLine';
import type { Circuit, Part, Told } from '../../webview/protocol';
import { isAbort } from '../cancel';
import type { Log } from '../model/models';
import type { Answers } from './answers';
import type { Current } from './subject';

/** The subject that is shown by now, and the page that it is told to. */
interface Shown {
  current(): Current | null;
  /** Takes up the circuit of the subject that is shown. */
  found(circuit: Circuit): void;
  send(message: Told): void;
}

export class Telling {
  /** How often each was worked out: what is overtaken is not sent. */
  private readonly rounds = { prediction: 0, now: 0 };

  constructor(
    private readonly answers: Answers,
    private readonly log: Log,
    private readonly shown: Shown,
  ) {}

  /**
   * Everything, one part after the other.
   * @param start when it was asked for, ms
   */
  async all(subject: Current, signal: AbortSignal, start: number): Promise<void> {
    const after = () => `after ${(performance.now() - start).toFixed(1)} ms`;
    await this.guarded(subject, signal, 'prediction', () => this.prediction(subject, signal));
    this.log.debug(`circuit panel: prediction ${after()}`);
    await this.guarded(subject, signal, 'circuit', () => this.circuit(subject, signal));
    this.log.debug(`circuit panel: circuit ${after()}`);
    await this.guarded(subject, signal, 'story', () => this.story(subject, signal));
    await this.guarded(subject, signal, 'now', () => this.now(subject, signal));
    await this.guarded(subject, signal, 'meanings', () => this.meanings(subject, signal));
  }

  /** What a change of the ablations makes another. */
  async changed(subject: Current, signal: AbortSignal): Promise<void> {
    await this.guarded(subject, signal, 'prediction', () => this.prediction(subject, signal));
    await this.guarded(subject, signal, 'now', () => this.now(subject, signal));
  }

  private async prediction(subject: Current, signal: AbortSignal): Promise<void> {
    const { seq } = subject;
    const round = ++this.rounds.prediction;
    const prediction = await this.answers.prediction(subject, signal);
    // The ablations were changed meanwhile, and the newer prediction may have been there sooner.
    if (round !== this.rounds.prediction) return;
    this.answer(subject, signal, { type: 'prediction', seq, prediction });
  }

  /** By estimates at first, then by measured effects. */
  private async circuit(subject: Current, signal: AbortSignal): Promise<void> {
    const { seq } = subject;
    const onProgress = (done: number, total: number) => {
      this.answer(subject, signal, {
        type: 'progress',
        seq,
        what: t('Ablating nodes:'),
        done,
        total,
      });
    };
    for (const measure of [false, true]) {
      const circuit = await this.answers.circuit(subject, { measure, signal, onProgress });
      if (signal.aborted || !this.isShown(subject)) return;
      this.shown.found(circuit);
      this.shown.send({ type: 'circuit', seq, circuit });
    }
    this.answer(subject, signal, { type: 'progress', seq, what: '', done: 1, total: 1 });
  }

  /** Why the model expects the token. */
  private async story(subject: Current, signal: AbortSignal): Promise<void> {
    const { question, seq } = subject;
    const circuit = this.circuitOf(subject);
    const story = circuit && (await this.answers.story(question, circuit, signal));
    if (story) this.answer(subject, signal, { type: 'story', seq, story });
  }

  /** Activations under the ablations. */
  private async now(subject: Current, signal: AbortSignal): Promise<void> {
    const { question, seq } = subject;
    const circuit = this.circuitOf(subject);
    // Where texts are compared, nodes have their activations in both.
    if (!circuit || subject.other) return;
    const round = ++this.rounds.now;
    const now = await this.answers.now(question, circuit, signal);
    if (round !== this.rounds.now) return;
    this.answer(subject, signal, { type: 'now', seq, now });
  }

  /** What the nodes of the circuit are about, those that matter most first. */
  private async meanings(subject: Current, signal: AbortSignal): Promise<void> {
    const { question, seq } = subject;
    const circuit = this.circuitOf(subject);
    if (!circuit) return;
    const meanings = await this.answers.meanings(question, circuit, signal);
    this.answer(subject, signal, { type: 'meanings', seq, meanings });
  }

  /** Works a part of a subject out; what goes wrong is said in one line. */
  private async guarded(
    subject: Current,
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
      this.log.warn(`circuit panel: ${part}: ${text}`);
      this.answer(subject, signal, { type: 'problem', seq: subject.seq, part, text });
    }
  }

  /** Tells something, if its subject is still the one that is shown. */
  private answer(subject: Current, signal: AbortSignal, message: Told): void {
    if (!signal.aborted && this.isShown(subject)) this.shown.send(message);
  }

  private isShown({ seq }: Current): boolean {
    return this.shown.current()?.seq === seq;
  }

  /** The circuit of a subject, if it is still shown. */
  private circuitOf(subject: Current): Circuit | null {
    return this.isShown(subject) ? this.shown.current()!.circuit : null;
  }
}
