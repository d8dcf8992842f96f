/** The leaves of a syntax tree in order, each with the nodes that it lies in. */
import type { Tree, TreeCursor } from 'web-tree-sitter';

/** A node of the tree that a leaf lies in. */
export interface Ancestor {
  /** Name of the grammar, such as `function_definition`. */
  readonly type: string;
  /** What it is to the node above it, such as `body`; empty when the grammar has no name for that. */
  readonly field: string;
  /** First UTF-16 unit. */
  readonly start: number;
}

/** A word, sign or piece of a string. */
export interface Leaf {
  readonly type: string;
  readonly field: string;
  readonly text: string;
  /** UTF-16 units, [start, end). */
  readonly start: number;
  readonly end: number;
  /** From the outermost node inwards; leaves side by side share it. */
  readonly ancestors: readonly Ancestor[];
}

/** All leaves that are not empty, in the order of the text. */
export function leavesOf(tree: Tree, text: string): Leaf[] {
  const leaves: Leaf[] = [];
  const cursor = tree.walk();
  visit(cursor, text, [], leaves);
  cursor.delete();
  return leaves;
}

function visit(cursor: TreeCursor, text: string, above: readonly Ancestor[], out: Leaf[]): void {
  const { nodeType: type, startIndex: start, endIndex: end } = cursor;
  const field = cursor.currentFieldName ?? '';
  if (!cursor.gotoFirstChild()) {
    if (end > start)
      out.push({ type, field, text: text.slice(start, end), start, end, ancestors: above });
    return;
  }
  const ancestors = [...above, { type, field, start }];
  do visit(cursor, text, ancestors, out);
  while (cursor.gotoNextSibling());
  cursor.gotoParent();
}
