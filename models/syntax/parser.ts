/** Parses Python, also what is half written, with the grammar of tree-sitter. */
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Language, Parser, type Tree } from 'web-tree-sitter';

const ENGINE = 'web-tree-sitter/web-tree-sitter.wasm';
const GRAMMAR = 'tree-sitter-python/tree-sitter-python.wasm';

/** A parser of Python 3, whose trees hold what could be understood of text that is not valid. */
export class PythonParser {
  private constructor(private readonly parser: Parser) {}

  /** Loads the grammar: from beside the program, or from the packages of a checkout. */
  static async load(): Promise<PythonParser> {
    await Parser.init({ wasmBinary: readFileSync(fileOf(ENGINE)) });
    const language = await Language.load(readFileSync(fileOf(GRAMMAR)));
    const parser = new Parser();
    parser.setLanguage(language);
    return new PythonParser(parser);
  }

  /** Calls `read` with the tree of a text, which is gone afterwards. */
  parse<T>(text: string, read: (tree: Tree) => T): T {
    const tree = this.parser.parse(text);
    if (!tree) throw new Error('the text could not be parsed; try again');
    try {
      return read(tree);
    } finally {
      tree.delete();
    }
  }

  /** Gives the memory back. */
  release(): Promise<void> {
    this.parser.delete();
    return Promise.resolve();
  }
}

/** A file of a package: beside the program where it was built, else in the checkout's packages. */
function fileOf(file: string): string {
  const packed = join(dirname(fileURLToPath(import.meta.url)), basename(file));
  return existsSync(packed) ? packed : fileURLToPath(import.meta.resolve(file));
}
