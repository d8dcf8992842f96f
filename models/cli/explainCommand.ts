/** `circuitscope explain`: a circuit or a prediction in sentences that say what was measured. */
import { basename } from 'node:path';
import { checkModel, readCircuit } from '../circuits/file/circuitFile';
import { decodeUnicode } from '../encodings';
import { writeFilesAtomic } from '../files';
import { readInput } from '../input';
import type { GivenLabels } from '../labels/given';
import { storyJson, type CircuitStory } from '../labels/explain/circuit';
import { drawingSvg } from '../labels/explain/drawing';
import {
  anchor,
  circuitMarkdown,
  ENGLISH,
  isCircuitMarkdown,
  paragraph,
  type Reader,
} from '../labels/explain/markdown';
import { plain } from '../labels/explain/sentence';
import type { Runtime } from '../runtime/runtime';
import { textOf as tokenTextOf } from '../inference/tokenText';
import { circuitPath, pairsOf } from './circuitFiles';
import {
  parseOptions,
  print,
  printJson,
  refuseOptions,
  showProgress,
  UsageError,
  type Command,
} from './command';
import { checkOutFile, keepResult, type OwnKind } from './outFile';
import { ownLabels, quoted } from './ownLabels';
import { bundleDir, ENGINE_HELP, runtimeOptions, withRuntime } from './places';
import { placeIn, textIn } from './where';

const options = {
  ...runtimeOptions,
  file: { type: 'string' },
  pairs: { type: 'string' },
  out: { type: 'string' },
  line: { type: 'string' },
  column: { type: 'string' },
  token: { type: 'string' },
  cell: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const;

/** Nodes that are ablated one by one, as in the panel. */
const MEASURED = 400;
const SHOWN = 300;
/** Options that say of which token of a file. */
const PLACE = ['--line', '--column', '--token', '--cell'];

export const explain: Command = {
  summary: 'explain a circuit or a prediction in sentences that say what was measured',
  help: `circuitscope explain CIRCUIT|TASK [options]
circuitscope explain --file FILE --line L --column C|--token N [options]

Explains a circuit layer by layer: what each node detects, by its label, and its activation on held-out
pairs of prompts; which weights feed it; what attention looks for and moves; how the last writes change the
answers; and how many of the weights at its nodes the circuit uses. CIRCUIT is a file that prune wrote, TASK
a task for which the bundle has a circuit. With --file, explains in three to six sentences why the model
expects its prediction after a token. A node without an accepted label is named, as in the editor's panel,
by the tokens that its weights read and raise most. Labels that you gave nodes in the editor take precedence
and are in “quotes”; they are read from .circuitscope/labels in the current folder, with --file in that of
the file, or in the nearest folder above. Prints Markdown; --out writes it to a file instead, and draws the
part of the circuit that changes the answers most as an SVG beside it, with every node a link.

  --pairs FILE          the file of pairs that the circuit was pruned on, if it is not beside the circuit
  --out FILE.md         for a circuit: write FILE.md and FILE.svg
  --line L --column C   token at a place; both count from 1
  --token N             token by its number from 0; -1 is the end-of-text before the file
  --cell N              for a notebook: the Python cell by its number from 1
  --bundle NAME|DIR     model, python-sparse by default
${ENGINE_HELP}
  --json                print JSON`,

  async run(args) {
    const { values, positionals } = parseOptions('explain', args, options);
    const { file, json, out } = values;
    if (positionals.length !== (file === undefined ? 1 : 0)) {
      throw new UsageError(
        'explain takes one circuit or task, or --file FILE; see circuitscope explain --help',
      );
    }
    if (file !== undefined)
      refuseOptions('explain', args, ['--pairs'], '--file explains a prediction, not a circuit');
    else refuseOptions('explain', args, PLACE, 'a circuit is of no single token');
    if (out !== undefined) {
      if (file !== undefined)
        throw new UsageError('explain --out is for circuits only; leave it out with --file');
      if (!out.endsWith('.md')) throw new UsageError(`--out ${out}: give the name of a .md file`);
      checkOutFile(out, DOCUMENT, positionals);
      checkOutFile(pictureOf(out), PICTURE, positionals);
    }
    if (file !== undefined) {
      const place = placeIn(values);
      const { text, name } = textIn(file, values.cell);
      const at = place(text, name);
      await withRuntime(values, async (runtime) => {
        const circuit = await runtime.circuit(text, at, {
          ...{ ablation: { kind: 'mean' }, measure: MEASURED, top: SHOWN, threshold: 0 },
          onProgress: (done, total) => {
            showProgress('nodes ablated:', done, total);
          },
        });
        const sentences = await runtime.explain(text, circuit);
        const { position, target } = circuit;
        const own = ownLabels(file, runtime.info);
        if (json) {
          const told = sentences.map((one) => plain(one));
          const asked = { id: target.id, ...tokenTextOf(runtime.info, target.id) };
          printJson({ position, target: asked, sentences: told, ...ownJson(own) });
        } else print(paragraph(sentences, readerWith(own)));
      });
      return;
    }
    const path = circuitPath(positionals[0], bundleDir(values.bundle));
    await withRuntime(values, async (runtime) => {
      const story = await storyOf(runtime, path, values.pairs);
      const own = ownLabels('.', runtime.info);
      if (out !== undefined) write(story, out, own);
      if (json) printJson({ ...storyJson(story), ...ownJson(own) });
      else if (out === undefined) print(circuitMarkdown(story, readerWith(own)).trimEnd());
    });
  },
};

const pictureOf = (out: string): string => out.replace(/\.md$/, '.svg');

/** What `--out` may replace: an earlier document, and the picture that one beside it shows. */
const DOCUMENT: OwnKind = {
  a: 'a page that explain wrote',
  is: (file) => isCircuitMarkdown(textOf(file)),
};
const PICTURE: OwnKind = {
  a: 'a picture that explain drew',
  is: (file) => isCircuitMarkdown(textOf(file.replace(/\.svg$/, '.md')), basename(file)),
};

/** Text of a file; nothing where there is none that can be read. */
function textOf(file: string): string {
  try {
    return decodeUnicode(readInput(file), file);
  } catch {
    return '';
  }
}

/** Whoever reads sees the labels that they gave, in quotes. */
function readerWith(labels: GivenLabels): Reader {
  const own = (node: string) => {
    const given = labels.get(node);
    return given === undefined ? null : quoted(given);
  };
  return { ...ENGLISH, own };
}

const ownJson = (own: GivenLabels) => own.size > 0 && { ownLabels: Object.fromEntries(own) };

function write(story: CircuitStory, out: string, own: GivenLabels): void {
  const document = encodeURIComponent(basename(out));
  const svg = drawingSvg(story.drawing, {
    ...{ title: story.name, answers: story.answers },
    link: (node) => `${document}#${anchor(node)}`,
  });
  const text = circuitMarkdown(story, readerWith(own), basename(pictureOf(out)));
  keepResult(out, text, () => {
    writeFilesAtomic(new Map([[pictureOf(out), svg], [out, text]])); // prettier-ignore
  });
}

function storyOf(runtime: Runtime, path: string, pairs: string | undefined) {
  const circuit = readCircuit(path);
  checkModel(circuit, runtime.info, path);
  return runtime.explainCircuit(circuit, pairsOf(circuit, path, pairs, '--pairs'), {
    onProgress: (done, total) => {
      showProgress('prompts:', done, total);
    },
  });
}
