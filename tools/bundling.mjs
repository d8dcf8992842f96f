// @ts-check
// What every bundle of ours is made with, whoever makes it.
import { join } from 'node:path';

/**
 * The parser of Python in the form that asks Node for nothing but files.
 * @type {Record<string, string>}
 */
export const alias = {
  'web-tree-sitter': join(
    import.meta.dirname,
    '../node_modules/web-tree-sitter/web-tree-sitter.cjs',
  ),
};
