/** The tokens of open documents, version by version. */
import { t } from '../../shared/l10n';
import type { BundleInfo } from '../../models/inference/engine';
import type { Encoding } from '../../models/tokenizer/tokenizer';
import { isAbort, Newest } from '../cancel';
import { Emitter } from '../emitter';
import type { Models } from '../model/models';
import { SourceText, type Place } from '../text/sourceText';
import { tokenAt } from './tokens';

/** Longer documents are not read: they would fill the memory and hold the worker for seconds. */
const LONGEST = 4 * 2 ** 20;

/** What is read of an editor's document. */
export interface SourceDocument {
  readonly uri: { toString(): string };
  readonly version: number;
  getText(): string;
}

/** One version of a document in tokens. */
export interface Snapshot {
  readonly uri: string;
  readonly version: number;
  readonly source: SourceText;
  readonly encoding: Encoding;
  /** The model that the tokens are for. */
  readonly info: BundleInfo;
}

/** A document was read in tokens: for the first time, or anew after an edit. */
export interface Encoded {
  /** The version read before; null for a document that was just opened, or another model. */
  readonly before: Snapshot | null;
  readonly after: Snapshot;
}

interface Entry {
  readonly version: number;
  readonly newest: Newest;
  readonly snapshot: Promise<Snapshot>;
}

export class Documents {
  readonly encoded = new Emitter<Encoded>();
  private readonly entries = new Map<string, Entry>();
  private readonly latest = new Map<string, Snapshot>();

  constructor(private readonly models: Models) {
    models.replaced.on(() => {
      this.entries.clear();
      this.latest.clear();
    });
  }

  /**
   * The tokens of the document as it is now. Work on an older version is cancelled, and who waits for
   * it gets this one.
   * @throws when the document is too long, or the model's error
   */
  snapshot(document: SourceDocument): Promise<Snapshot> {
    const uri = document.uri.toString();
    const known = this.entries.get(uri);
    if (known?.version === document.version) return known.snapshot;
    const newest = known?.newest ?? new Newest();
    const snapshot = this.encode(uri, document, newest.start()).catch((error: unknown) => {
      const now = this.entries.get(uri);
      // Whoever asked meanwhile gets the version that took the place of theirs.
      if (isAbort(error) && now && now.version !== document.version) return now.snapshot;
      throw error;
    });
    const entry = { version: document.version, newest, snapshot };
    this.entries.set(uri, entry);
    // What failed is tried anew when it is next asked for.
    snapshot.catch(() => {
      if (this.entries.get(uri) === entry) this.entries.delete(uri);
    });
    return snapshot;
  }

  /** Forgets a document. */
  close(uri: string): void {
    this.entries.get(uri)?.newest.cancel();
    this.entries.delete(uri);
    this.latest.delete(uri);
  }

  private async encode(
    uri: string,
    document: SourceDocument,
    signal: AbortSignal,
  ): Promise<Snapshot> {
    const { version } = document;
    const source = new SourceText(document.getText());
    if (source.text.length > LONGEST) {
      const millions = (LONGEST / 1e6).toFixed(0);
      throw new Error(
        t('the document is longer than {0} million characters; open a shorter one', millions),
      );
    }
    const { encoding, info } = await this.models.use('tokens', async (runtime) => ({
      encoding: await runtime.tokens(source.text, { signal }),
      info: runtime.info,
    }));
    const after = { uri, version, source, encoding, info };
    const before = this.latest.get(uri) ?? null;
    this.latest.set(uri, after);
    this.encoded.fire({ before, after });
    return after;
  }
}

/** The token at a place; at the end of the text the last one, undefined in an empty text. */
export function tokenAtPlace({ source, encoding }: Snapshot, place: Place): number | undefined {
  return tokenAt(encoding, source.offsetAt(place));
}
