/** The prompt at the cursor, and what the model says after it. */
import { t } from '../../shared/l10n';
import type { Encoding } from '../../models/tokenizer/tokenizer';
import type { Runtime } from '../../models/runtime/runtime';
import type { BundleInfo } from '../../models/inference/engine';
import { EMPTY, type Target } from './command';
import { lastLines } from '../circuits/lastLines';
import { pythonEditor } from './pythonEditor';
import type { Models } from '../model/models';
import { SourceText } from '../text/sourceText';
import { likeliest } from '../trace/tokenTrace';
import { tokenAtPlace, type Documents } from '../trace/documents';

/** A prompt and the token that the model says after it. */
export interface Prompt {
  readonly text: string;
  readonly encoding: Encoding;
  readonly info: BundleInfo;
  /** The likeliest. */
  readonly answer: number;
  /** Log-probabilities (nats) of what follows, [vocab]. */
  readonly logprobs: Float32Array;
}

/**
 * Text of the prompt at a place: what is selected, or the document up to the end of the token there,
 * as far back as the model reads.
 * @throws when there is none
 */
export async function promptText(
  { documents, models }: { readonly documents: Documents; readonly models: Models },
  { document, position }: Target,
): Promise<string> {
  const editor = pythonEditor();
  if (editor?.document === document && !editor.selection.isEmpty) {
    return new SourceText(document.getText(editor.selection)).text;
  }
  const snapshot = await documents.snapshot(document);
  const token = tokenAtPlace(snapshot, position);
  if (token === undefined) throw new Error(EMPTY);
  const most = await models.use('prompt', ({ info }) => Promise.resolve(tokensRead(info)));
  return lastLines(snapshot.source.text, snapshot.encoding, token, most);
}

/** Tokens of a text that a model reads; the first place is end-of-text. */
function tokensRead({ config }: BundleInfo): number {
  return config.context - 1;
}

/**
 * What the model, as it is, says after a prompt.
 * @throws one line when it is empty or longer than the model reads
 */
export async function readPrompt(
  models: Models,
  text: string,
  signal?: AbortSignal,
): Promise<Prompt> {
  return await models.use('prompt', async (runtime: Runtime) => {
    const { info } = runtime;
    const encoding = await runtime.tokens(text, { signal });
    const { length } = encoding.ids;
    const most = tokensRead(info);
    if (length === 0) throw new Error(t('the prompt is empty; write some Python'));
    if (length > most) {
      throw new Error(
        t(
          'the prompt has {0} tokens, but the model reads only {1}; select fewer lines before the cursor and try again',
          length,
          most,
        ),
      );
    }
    const { logprobs } = await runtime.trace(text, { token: length - 1 }, { signal });
    const [answer] = likeliest(logprobs, 1);
    return { text, encoding, info, answer, logprobs };
  });
}

/**
 * Text of a token, as it stands in a file.
 * @throws one line when it is a part of a character
 */
export function answerText({ info }: Pick<Prompt, 'info'>, id: number): string {
  const text = info.texts[id];
  if (text !== null) return text;
  throw new Error(
    t('the model predicts part of a character here; put the cursor on another token'),
  );
}

/** The last line of a prompt that is not blank, to name things by. */
export function lastLine(text: string): string {
  return text.trimEnd().split('\n').at(-1)?.trim() ?? '';
}
