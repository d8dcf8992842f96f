/** An opened bundle: its model, its tokenizer, and the texts last worked on. */
import { dirname } from 'node:path';
import { readBundle, type Bundle } from '../bundles/bundle';
import type { Bridges } from '../bundles/bridges';
import type { Examples } from '../bundles/examples';
import type { Labels } from '../bundles/labels';
import { checkPartner, noBridges, partnerFolder } from '../bundles/partner';
import type { Means } from '../bundles/weights';
import { ModelEdges } from '../weights/edges';
import { PythonParser } from '../syntax/parser';
import { Tokenizer, type Encoding } from '../tokenizer/tokenizer';
import type { TransformerConfig } from '../transformer/config';
import { TextTokens } from './textTokens';
import { collectGarbage } from './garbage';
import { Lazy } from '../engines/lazy';
import { Model } from './model';
import type { EngineChoice } from '../engines/engineChoice';
import { Sessions } from '../engines/sessions';
import { WindowCache } from './windowCache';

/** What an opened bundle says of itself. */
export interface BundleInfo {
  readonly name: string;
  /** SHA-256 that says which model it is. */
  readonly hash: string;
  readonly config: TransformerConfig;
  /** Every token as a person may read it, [vocab]. */
  readonly tokenTexts: readonly string[];
  /** Every token as it stands in a file, [vocab]; null where it is a part of a character. */
  readonly texts: readonly (string | null)[];
  readonly endOfText: number;
  /** Name of the dense model that it has bridges to; null for none. */
  readonly bridgedTo: string | null;
}

/** What is known of a bundle's surroundings, and who hears of it. */
interface OpenOptions {
  /** Told in one line which engine was chosen. */
  readonly note?: (line: string) => void;
  /** Folder of the shipped bundles; a dense model that bridges lead to may be there. */
  readonly bundlesDir?: string | null;
}

/** How a long computation reports and yields. */
export interface Control {
  progress(done: number, total: number): void;
  /** Lets other requests in; throws when this one was cancelled. Called between chunks. */
  pause(): Promise<void>;
}

/** More windows than a file of 1 MB has; with a context of 256 some 10 MB. */
const WINDOWS_SCANNED = 4096;
/** Two, which a person compares. */
const TEXTS_KEPT = 2;
/** Without and with interventions. Everything about a window of the shipped size takes 25 MB. */
const WINDOWS_WHOLE = 2;

/** Every output of a pass: `LOGPROBS` [pos, vocab], and by site name its activations [pos, node]. */
export type WholePass = ReadonlyMap<string, Float32Array>;

export class Engine {
  /** Numbers of windows scanned before. */
  readonly windows = new WindowCache<Float32Array>(WINDOWS_SCANNED);
  /** Everything about the windows last looked into; see `wholePass`. */
  readonly passes = new WindowCache<WholePass>(WINDOWS_WHOLE);
  /** Parser of Python, loaded when it is first asked for. */
  readonly parser = new Lazy(() => PythonParser.load());
  /** The last one first. */
  private texts: readonly { readonly text: string; readonly tokens: TextTokens }[] = [];

  private constructor(
    readonly info: BundleInfo,
    readonly model: Model,
    readonly means: Means,
    /** Where nodes are strongest in held-out text; null when the bundle does not say. */
    readonly examples: Examples | null,
    /** What nodes mean; null when the bundle does not say. */
    readonly labels: Labels | null,
    /** The weights as a graph. */
    readonly edges: ModelEdges,
    /** [vocab, vocab] by last and next token, added to the logits; null when the model has none. */
    readonly bigram: Float32Array | null,
    readonly tokenizer: Tokenizer,
    /** Bridges to a dense model; null when the model has none. */
    readonly bridges: Bridges | null,
    /** That model, opened by who first needs it. */
    private readonly denseModel: Lazy<Engine>,
  ) {}

  /**
   * Reads a bundle, checks it and loads its model.
   * @param engine what runs it
   * @throws BundleError when the bundle is missing, damaged or does not fit together
   */
  static async open(
    dir: string,
    threads: number,
    engine: EngineChoice = 'onnx',
    { note = () => undefined, bundlesDir = null }: OpenOptions = {},
  ): Promise<Engine> {
    const bundle = readBundle(dir);
    const tokenizer = Tokenizer.fromJson(bundle.tokenizerJson);
    const { vocab } = bundle.config;
    if (tokenizer.vocabSize !== vocab) {
      throw new Error(
        `${dir}: the tokenizer has ${tokenizer.vocabSize} tokens and the model ${vocab}; use the tokenizer that the model was trained with`,
      );
    }
    const bigram = bundle.weights.get('bigram.table') ?? null;
    const edges = new ModelEdges(bundle);
    const { means, examples, labels } = bundle;
    const info = infoOf(bundle, tokenizer);
    // Last, since it holds memory until it is released.
    const { hash, weights } = bundle;
    const sessions = new Sessions({ engine, threads, hash, weights, note });
    const model = await Model.load(bundle.config, weights, sessions);
    const { bridges } = bundle;
    const denseModel = new Lazy(() => openPartner(bundle, threads, bundlesDir ?? dirname(dir)));
    const known = [info, model, means, examples, labels, edges, bigram, tokenizer] as const;
    return new Engine(...known, bridges, denseModel);
  }

  /**
   * The dense model that the bridges lead to.
   * @throws BundleError when there are no bridges, or it is missing or another
   */
  dense(): Promise<Engine> {
    return this.denseModel.get();
  }

  /**
   * Lets go of what was not asked for since a time, as of `performance.now()`: sessions, windows that
   * were looked into, the dense model. Nothing may be running.
   */
  async rest(since: number): Promise<void> {
    const freed = [
      this.passes.rest(since),
      await this.model.rest(since),
      await this.parser.rest(since),
      await this.denseModel.rest(since),
    ];
    if (freed.includes(true)) await collectGarbage();
  }

  /** Frees the parser, the model, and the dense one if it was opened. */
  async release(): Promise<void> {
    await this.parser.release();
    await this.denseModel.release();
    await this.model.release();
  }

  get config(): TransformerConfig {
    return this.info.config;
  }

  /** Finds the tokens of a text, however long, with pauses; `tokensOf` then has them at hand. */
  async readTokens(text: string, pause: () => Promise<void>): Promise<void> {
    if (this.known(text)) return;
    this.keep(text, await this.tokenizer.encodeWithPauses(text, pause));
  }

  /** Tokens of a text; of the last two texts again without work. */
  tokensOf(text: string): TextTokens {
    return this.known(text) ?? this.keep(text, this.tokenizer.encode(text));
  }

  private known(text: string): TextTokens | undefined {
    return this.texts.find((one) => one.text === text)?.tokens;
  }

  private keep(text: string, encoding: Encoding): TextTokens {
    const tokens = new TextTokens(encoding, this.tokenizer.endOfText, this.config.context);
    const others = this.texts.filter((one) => one.text !== text);
    this.texts = [{ text, tokens }, ...others].slice(0, TEXTS_KEPT);
    return tokens;
  }
}

async function openPartner(
  { dir, name, config, bridges }: Bundle,
  threads: number,
  bundlesDir: string,
): Promise<Engine> {
  if (!bridges) throw noBridges(name);
  const folder = partnerFolder({ name, dir, bridges }, bundlesDir);
  const engine = await Engine.open(folder, threads);
  try {
    checkPartner({ name, config, bridges }, { dir: folder, ...engine.info });
    return engine;
  } catch (error) {
    await engine.release();
    throw error;
  }
}

function infoOf({ name, hash, config, bridges }: Bundle, tokenizer: Tokenizer): BundleInfo {
  const tokenTexts = Array.from({ length: config.vocab }, (_, id) => tokenizer.tokenText(id));
  const texts = Array.from({ length: config.vocab }, (_, id) => tokenizer.text(id));
  const { endOfText } = tokenizer;
  const bridgedTo = bridges?.name ?? null;
  return { name, hash, config, tokenTexts, texts, endOfText, bridgedTo };
}
