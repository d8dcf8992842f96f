/** What people look at: the cursor's token, a pinned one or a circuit's prompt, and what they ask of it. */
import { t } from '../../shared/l10n';
import type { Mode, Way } from '../../webview/protocol';
import type { Place } from '../text/sourceText';
import { anchorAt, follow, tokenOf, type Anchor } from '../trace/anchor';
import { tokenAtPlace, type Encoded, type Snapshot, type SourceDocument } from '../trace/documents';
import type { TokenTrace } from '../trace/tokenTrace';
import { traceKey } from '../trace/traces';
import type { DrawnCircuit } from './drawn';
import type { SessionParts } from './parts';
import { asked, type Asked, type Target } from './asked';
import { targetOf, type Drawn } from './subject';
import { otherDocument, type OtherText } from './otherText';
import { recordedDocument, type RecordedCircuit } from './recorded';
import { promptDocument } from './taskView';

/** Where people are: a document, and a place in it. */
export interface Cursor {
  readonly document: SourceDocument;
  readonly place: Place;
}

/** Where the editor's people and documents are. */
export interface Around {
  /** The Python editor that people are in or were in last; null without one. */
  cursor(): Cursor | null;
  /** An open document. */
  document(uri: string): SourceDocument | null;
}

/** Why there is nothing to show, and what leads on from there. */
export interface Nothing {
  readonly text: string;
  readonly ways: readonly Way[];
}

const NO_EDITOR: Nothing = {
  text: t('Open a Python file and put the cursor on a token: its circuit appears here.'),
  ways: ['walkthrough'],
};
const NO_TOKEN: Nothing = {
  text: t('The document is empty. Type some Python, and the circuit appears here.'),
  ways: [],
};

export class Viewpoint {
  mode: Mode = 'next';
  /** Token that the panel stays at; one that its document has lost is kept, until it is there again. */
  pinned: Anchor | null = null;
  private showing: Drawn | null = null;
  private record: RecordedCircuit | null = null;
  /** Text that the prediction of a key is compared with; without one, what is shown now. */
  private against: { readonly of: string | null; readonly document: SourceDocument } | null = null;
  /** Tokens that people ask about, of the prediction of a key. */
  private wanted: (Target & { readonly of: string }) | null = null;

  constructor(
    private readonly parts: SessionParts,
    private readonly around: Around,
  ) {}

  /** A task's circuit that is drawn in the place of the prediction's own. */
  get drawn(): Drawn | null {
    return this.showing;
  }

  /** An exported circuit that is drawn as it was measured. */
  get recorded(): RecordedCircuit | null {
    return this.record;
  }

  /** Draws an exported circuit on its own text. */
  open(recorded: RecordedCircuit): void {
    this.draw(null);
    this.record = recorded;
    this.wanted = null;
    const { other } = recorded;
    if (other !== null) this.against = { of: null, document: otherDocument(other) };
  }

  /** Draws a circuit at its first prompt, or none. */
  draw(circuit: DrawnCircuit | null): void {
    this.leavePrompt();
    this.leaveOther();
    this.against = null;
    this.record = null;
    this.showing = circuit && { circuit, prompt: circuit.prompts.length > 0 ? 0 : null };
  }

  /**
   * Looks at another prompt of the circuit, or at the file.
   * @throws when there is no such prompt
   */
  lookAt(prompt: number | null): void {
    const { showing } = this;
    if (!showing) return;
    const { length } = showing.circuit.prompts;
    if (prompt !== null && prompt >= length) {
      throw new Error(t('the circuit has no prompt {0}; it has {1}', prompt + 1, length));
    }
    this.leavePrompt();
    this.showing = { ...showing, prompt };
  }

  /**
   * Compares a prediction with another text; null for none.
   * @throws when it has no tokens
   */
  async compare(question: Asked, text: string | null): Promise<void> {
    const document = text === null ? null : otherDocument(text);
    if (document && (await this.parts.documents.snapshot(document)).encoding.ids.length === 0) {
      throw new Error(t('the other text is empty; type some Python'));
    }
    this.leaveOther();
    this.against = document && { of: predictionKey(question), document };
  }

  /**
   * The text up to the token that the cursor is on.
   * @throws when there is none, or it is the prediction's own
   */
  async textAtCursor({ snapshot, reader }: Asked): Promise<string> {
    const cursor = this.around.cursor();
    const there = cursor && (await this.parts.documents.snapshot(cursor.document));
    const token = there && tokenAtPlace(there, cursor.place);
    if (
      there === null ||
      token === null ||
      token === undefined ||
      (there.uri === snapshot.uri && token === reader)
    ) {
      throw new Error(
        t('pin the panel, put the cursor on a token of another text, and choose this again'),
      );
    }
    return there.source.text.slice(0, there.encoding.ends[token]);
  }

  /** The other text that a prediction is compared with. */
  async other(question: Asked): Promise<OtherText | null> {
    const { against } = this;
    if (!against || (against.of !== null && against.of !== predictionKey(question))) return null;
    const snapshot = await this.parts.documents.snapshot(against.document);
    return { snapshot, reader: snapshot.encoding.ids.length - 1 };
  }

  /** Asks about other tokens of a prediction; null for what is usual. */
  aim(question: Asked, target: Target | null): void {
    this.wanted = target && { ...target, of: predictionKey(question) };
  }

  /** Stays at a token, or follows the cursor again. */
  pin(question: Asked | null): void {
    this.pinned = question && anchorAt(question.snapshot, question.cursor);
  }

  /** Stays at the token at a place. */
  async pinTo({ document, place }: Cursor): Promise<void> {
    const snapshot = await this.parts.documents.snapshot(document);
    const token = tokenAtPlace(snapshot, place);
    this.pinned = token === undefined ? null : anchorAt(snapshot, token);
  }

  /**
   * Moves the pin with its token through an edit.
   * @returns whether there is something else to say of it
   */
  follow({ before, after }: Encoded): boolean {
    return this.movePin((pinned) => follow(pinned, before?.source.text ?? null, after));
  }

  /** The same by any change of its anchor. */
  movePin(change: (anchor: Anchor) => Anchor): boolean {
    const { pinned } = this;
    if (!pinned) return false;
    this.pinned = change(pinned);
    return this.pinned !== pinned;
  }

  /**
   * The prediction that is looked at, or what to do to see one.
   * @param onLoading is told before the model is there
   */
  async question(signal: AbortSignal, onLoading: () => void): Promise<Asked | Nothing | null> {
    const { models, documents } = this.parts;
    const prompt = this.prompt();
    const pinned = prompt ? null : this.pinnedPlace();
    const cursor = this.around.cursor();
    const document = prompt ?? pinned?.document ?? cursor?.document;
    if (!document) return NO_EDITOR;
    if (models.state.kind === 'failed') throw new Error(models.state.message);
    if (models.state.kind !== 'ready') onLoading();
    const snapshot = await documents.snapshot(document);
    if (signal.aborted) return null;
    const { record } = this;
    if (record && record.model !== snapshot.info.hash) {
      this.draw(null);
      return await this.question(signal, onLoading);
    }
    if (record) return recordedQuestion(record, snapshot);
    if (this.showing && this.showing.circuit.model !== snapshot.info.hash) {
      // Its nodes mean nothing in this model.
      this.draw(null);
      if (prompt) return await this.question(signal, onLoading);
    }
    if (prompt) return asked(snapshot, snapshot.encoding.ids.length - 1, 'next');
    // The document may have changed since, and the pin with it.
    const now = this.pinnedPlace();
    if ((now === null) !== (pinned === null)) return await this.question(signal, onLoading);
    const token = now
      ? tokenOf(now.anchor, snapshot)
      : cursor && tokenAtPlace(snapshot, cursor.place);
    return token === undefined || token === null || token < 0
      ? NO_TOKEN
      : asked(snapshot, token, this.mode);
  }

  /** What is asked of a prediction. */
  target(question: Asked, before: TokenTrace): Target {
    // Which token people asked about means nothing for another prediction.
    if (this.wanted?.of !== predictionKey(question)) this.wanted = null;
    return (
      this.wanted ??
      this.record?.target ??
      this.answers(question.snapshot) ?? { id: targetOf(question, before), contrast: null }
    );
  }

  /** What tells one subject from another. */
  key(question: Asked, { id, contrast }: Target, other: OtherText | null): string {
    const { showing } = this;
    const drawn = showing && [showing.circuit.name, showing.circuit.origin, showing.prompt];
    const parts = [predictionKey(question), id, contrast, drawn, this.record?.name];
    return JSON.stringify([...parts, other?.snapshot.uri]);
  }

  /** The two answers of the prompt that is looked at. */
  private answers({ info }: Snapshot): Target | null {
    const { showing } = this;
    if (!showing || showing.prompt === null) return null;
    const { answer, other } = showing.circuit.prompts[showing.prompt];
    const [id, contrast] = [answer, other].map((text) => info.texts.indexOf(text));
    return id < 0 || contrast < 0 ? null : { id, contrast };
  }

  private prompt(): SourceDocument | null {
    const { showing, record } = this;
    if (record) return recordedDocument(record);
    return !showing || showing.prompt === null
      ? null
      : promptDocument(showing.circuit, showing.prompt);
  }

  private pinnedPlace(): { readonly document: SourceDocument; readonly anchor: Anchor } | null {
    const { pinned: anchor } = this;
    if (!anchor || anchor.lost) return null;
    const document = this.around.document(anchor.uri);
    return document && { document, anchor };
  }

  /** Frees what is kept of the other text. */
  private leaveOther(): void {
    const uri = this.against?.document.uri.toString();
    if (uri === undefined) return;
    this.parts.documents.close(uri);
    this.parts.traces.close(uri);
  }

  /** Frees what is kept of a prompt. */
  private leavePrompt(): void {
    const uri = this.prompt()?.uri.toString();
    if (uri === undefined) return;
    this.parts.documents.close(uri);
    this.parts.traces.close(uri);
  }
}

/**
 * The prediction that was exported.
 * @throws when its text has no such token
 */
function recordedQuestion({ reader, mode, name }: RecordedCircuit, snapshot: Snapshot): Asked {
  const cursor = mode === 'next' ? reader : reader + 1;
  if (cursor < 0 || cursor >= snapshot.encoding.ids.length) {
    throw new Error(t('{0}: its text has no token {1}; export the circuit again', name, cursor));
  }
  return asked(snapshot, cursor, mode);
}

/** What tells one prediction from another. */
function predictionKey({ snapshot, reader, cursor, mode }: Asked): string {
  const at = traceKey({ snapshot, token: reader, interventions: [] });
  return JSON.stringify([snapshot.uri, cursor, mode, at]);
}
