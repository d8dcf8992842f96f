/** Which texts the code shows to people, found in its syntax: those that are looked up, and those that are not. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import tseslint from 'typescript-eslint';

export const ROOT = join(import.meta.dirname, '../../..');

/** Functions that look texts up, and which of their arguments are texts. */
const LOOKS_UP = new Map<string, readonly number[]>([
  ['t', [0]],
  ['pieces', [0]],
  ['plural', [1, 2]],
  ['say', [0]],
  ['sayMany', [1, 2]],
]);
/** What people read, by the name of a property, of an attribute or of a function whose first argument it is. */
const SHOWN =
  /^(title|placeHolder|placeholder|prompt|label|description|detail|tooltip|name|aria-label|text)$/;
const SAYS =
  /^(Error|showInformationMessage|showWarningMessage|showErrorMessage|setStatusBarMessage|appendText|empty|withProgress)$/;
/** Words that are the same in every language, and names that are no words. */
const SAME = /^(Circuitscope:?|JSON|SVG|PNG|HTML|MLP|Markdown|Linux|macOS|Windows|en|preset|node)$/;

/** The parser's own type leaves out what is optional. */
const parse = tseslint.parser.parseForESLint as (
  text: string,
  options: object,
) => { readonly ast: unknown };

interface Node {
  readonly type: string;
  readonly [key: string]: unknown;
}

/** Texts of the code. */
export interface Texts {
  /** Texts that are looked up, with where each stands. */
  readonly known: Map<string, string>;
  /** Places where something else than a literal is looked up. */
  readonly unknowable: string[];
  /** Texts that people read in English whatever their language. */
  readonly english: string[];
}

/** The texts of some folders. */
export function textsOf(folders: readonly string[]): Texts {
  const texts: Texts = { known: new Map(), unknowable: [], english: [] };
  for (const file of folders.flatMap(sources)) read(file, texts);
  return texts;
}

function sources(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => join(folder, name));
}

function read(file: string, { known, unknowable, english }: Texts): void {
  const { ast } = parse(readFileSync(join(ROOT, file), 'utf8'), {
    ecmaFeatures: { jsx: file.endsWith('x') },
    loc: true,
  });
  const where = ({ loc }: Node) => `${file}:${(loc as { start: { line: number } }).start.line}`;
  const inEnglish = (node: Node | null | undefined) => {
    for (const text of wordsIn(node)) english.push(`${where(node!)}: ${text}`);
  };
  const isOwn = file === join('shared', 'l10n.ts');
  visit(ast as Node, (node) => {
    switch (node.type) {
      case 'CallExpression':
      case 'NewExpression': {
        const callee = node.callee as Node;
        const name = String(callee.name ?? (callee.property as Node | undefined)?.name);
        const args = node.arguments as Node[];
        for (const i of isOwn
          ? []
          : (LOOKS_UP.get(callee.type === 'Identifier' ? name : '') ?? [])) {
          const text = literal(args[i]);
          if (text === null) unknowable.push(where(node));
          else known.set(text, where(node));
        }
        if (SAYS.test(name)) inEnglish(args[0]);
        return;
      }
      case 'Property':
        if (SHOWN.test(keyOf(node.key as Node))) inEnglish(node.value as Node);
        return;
      case 'JSXAttribute':
        if (SHOWN.test(keyOf(node.name as Node))) inEnglish(node.value as Node | null);
        return;
      case 'AssignmentExpression': {
        const to = node.left as Node;
        if (to.type === 'MemberExpression' && SHOWN.test(keyOf(to.property as Node)))
          inEnglish(node.right as Node);
        return;
      }
      case 'JSXText':
        // Values of attributes are such nodes as well, in quotes.
        if (!/^"/.test(String(node.value))) inEnglish(node);
    }
  });
}

function keyOf(node: Node): string {
  return String(node.name ?? node.value);
}

/** The text of a literal; null where it is anything else. */
function literal(node: Node | undefined): string | null {
  if (node?.type === 'Literal' && typeof node.value === 'string') return node.value;
  const { expressions, quasis } = (node ?? {}) as { expressions?: unknown[]; quasis?: Node[] };
  if (node?.type !== 'TemplateLiteral' || expressions!.length > 0) return null;
  return (quasis![0].value as { cooked: string }).cooked;
}

/** What stands there as words, not as what is looked up. */
function wordsIn(node: Node | null | undefined): string[] {
  switch (node?.type) {
    case 'Literal':
    case 'JSXText':
      return typeof node.value === 'string' && isWords(node.value) ? [node.value.trim()] : [];
    case 'TemplateLiteral':
      return [
        ...(node.quasis as Node[]).map(({ value }) => (value as { cooked: string }).cooked),
      ].filter(isWords);
    case 'ConditionalExpression':
      return [...wordsIn(node.consequent as Node), ...wordsIn(node.alternate as Node)];
    case 'BinaryExpression':
      return node.operator === '+'
        ? [...wordsIn(node.left as Node), ...wordsIn(node.right as Node)]
        : [];
    default:
      return [];
  }
}

/** Letters that somebody would read, but for names of pictures (`$(check)`), of commands and of nodes. */
function isWords(text: string): boolean {
  const plain = text.replace(/\$\([\w-]+\)/g, '').trim();
  return (
    /[A-Za-z]{2}/.test(plain) && !SAME.test(plain) && !/^[\w-]*\.[\w.-]+$|^\w+\(\w+\)$/.test(plain)
  );
}

function visit(node: Node, enter: (node: Node) => void): void {
  enter(node);
  for (const [key, child] of Object.entries(node)) {
    if (key === 'parent' || key === 'loc') continue;
    for (const one of Array.isArray(child) ? (child as unknown[]) : [child]) {
      if (typeof (one as Node | null)?.type === 'string') visit(one as Node, enter);
    }
  }
}
