/** `circuitscope loss`: how well the model predicts files. */
import type { Runtime } from '../runtime/runtime';
import { parseOptions, print, printJson, showProgress, UsageError, type Command } from './command';
import { percent, table } from './format';
import { runtimeOptions, withRuntime } from './places';
import { allSources, eachSource, type Source } from './sources';
import type { Skipped } from '../inputFolder';

const options = { ...runtimeOptions, json: { type: 'boolean', default: false } } as const;

/** The JSON that the command prints. */
interface Report {
  files: number;
  /** Files found in folders that could not be measured, and why. */
  skipped: readonly Skipped[];
  /** Tokens predicted: all of every file, the first from the end-of-text before it. */
  tokens: number;
  /** UTF-8 bytes. */
  bytes: number;
  nats_per_token: number;
  bits_per_byte: number;
  /** Share of the tokens that were the likeliest, and that were among the five likeliest. */
  first_share: number;
  first_five_share: number;
  /** The bundle's bigram table alone; null when it has none. */
  bigram_nats_per_token: number | null;
}

export const loss: Command = {
  summary: 'measure how well the model predicts Python files',
  help: `circuitscope loss PATH… [options]

Prints the mean loss over every token of Python files and of the Python cells of notebooks: of the files
given, and of all .py and .ipynb files in folders, each file once even if several links lead to it. Comments,
whitespace and line breaks are tokens like any other; every cell is a text of its own. A token is predicted
from at least half a context of text before it, or from all that there is. The loss is in nats per token,
and in bits per UTF-8 byte, which can be compared between tokenizers. Also prints how often the next token
is the likeliest, and how often it is among the five likeliest. Files in folders that cannot be read are
skipped and listed.

  --bundle NAME|DIR  model, python-sparse by default
  --engine NAME      onnx, sparse or auto (default); see circuitscope trace --help
  --json             print JSON`,

  async run(args) {
    const { values, positionals } = parseOptions('loss', args, options);
    if (positionals.length === 0) {
      throw new UsageError('loss takes files or folders; see circuitscope loss --help');
    }
    const skipped: Skipped[] = [];
    const sources = allSources(positionals, skipped);
    await withRuntime(values, async (runtime) => {
      const report = await measure(runtime, sources, skipped);
      if (values.json) printJson(report);
      else print(readable(report));
    });
  },
};

async function measure(
  runtime: Runtime,
  sources: readonly Source[],
  skipped: Skipped[],
): Promise<Report> {
  let [files, tokens, bytes, nats, first, firstFive] = [0, 0, 0, 0, 0, 0];
  let bigramNats: number | null = 0;
  const add = async (text: string) => {
    const { surprisal, ranks, bigram } = await runtime.surprisal(text);
    tokens += surprisal.length;
    bytes += Buffer.byteLength(text);
    nats += sum(surprisal);
    first += ranks.filter((rank) => rank === 0).length;
    firstFive += ranks.filter((rank) => rank < 5).length;
    bigramNats = bigram && bigramNats !== null ? bigramNats + sum(bigram) : null;
  };
  await eachSource(sources, skipped, async (texts, i) => {
    showProgress('files:', i + 1, sources.length);
    for (const text of texts) await add(text);
    files++;
  });
  if (tokens === 0) throw new Error('no text in these files; give .py files that are not empty');
  return {
    files,
    skipped,
    tokens,
    bytes,
    nats_per_token: nats / tokens,
    bits_per_byte: nats / Math.LN2 / bytes,
    first_share: first / tokens,
    first_five_share: firstFive / tokens,
    bigram_nats_per_token: bigramNats === null ? null : bigramNats / tokens,
  };
}

/** Sum in double precision. */
function sum(values: Float32Array): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

function readable(report: Report): string {
  const { files, skipped, tokens, bytes, bigram_nats_per_token: bigram } = report;
  const why = skipped.map(({ file, reason }) => `skipped ${file}: ${reason}`);
  const rows = table([
    ['files', `${files}${skipped.length > 0 ? ` (${skipped.length} skipped)` : ''}`],
    ['tokens', String(tokens)],
    ['bytes', String(bytes)],
    ['loss (nats/token)', report.nats_per_token.toFixed(4)],
    ['loss (bits/byte)', report.bits_per_byte.toFixed(4)],
    ['next token is the likeliest', percent(report.first_share).trim()],
    ['next token is among the five likeliest', percent(report.first_five_share).trim()],
    ['bigram loss (nats/token)', bigram === null ? 'no table' : bigram.toFixed(4)],
  ]);
  return [...why, rows].join('\n');
}
