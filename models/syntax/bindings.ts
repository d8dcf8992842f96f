/** What the names of a text are where they stand, and which were bound further up. */
import type { Leaf } from './leaves';

/** What a name is in its place. */
export type Role =
  | 'parameter'
  | 'attribute'
  | 'function'
  | 'class'
  | 'keyword argument'
  | 'imported'
  | 'assigned'
  | 'used';

/** Roles that bind their name. */
const BINDING: ReadonlySet<Role> = new Set([
  'parameter',
  'function',
  'class',
  'imported',
  'assigned',
] as const);

/** The names of a text. */
export interface Bindings {
  readonly roles: ReadonlyMap<Leaf, Role>;
  /** Names that were bound further up in the text. */
  readonly boundBefore: ReadonlySet<Leaf>;
}

/** Looks at every name once, in the order of the text. */
export function bindingsOf(leaves: readonly Leaf[]): Bindings {
  const roles = new Map<Leaf, Role>();
  const boundBefore = new Set<Leaf>();
  const bound = new Set<string>();
  for (const leaf of leaves) {
    if (leaf.type !== 'identifier') continue;
    const role = roleOf(leaf);
    roles.set(leaf, role);
    if (role !== 'attribute' && role !== 'keyword argument' && bound.has(leaf.text)) {
      boundBefore.add(leaf);
    }
    if (BINDING.has(role)) bound.add(leaf.text);
  }
  return { roles, boundBefore };
}

function roleOf({ ancestors, field }: Leaf): Role {
  const parent = ancestors.at(-1);
  switch (parent?.type) {
    case 'function_definition':
      if (field === 'name') return 'function';
      break;
    case 'class_definition':
      if (field === 'name') return 'class';
      break;
    case 'attribute':
      if (field === 'attribute') return 'attribute';
      break;
    case 'keyword_argument':
      if (field === 'name') return 'keyword argument';
      break;
    case 'default_parameter':
    case 'typed_default_parameter':
      if (field === 'name') return 'parameter';
      break;
    case 'typed_parameter':
    case 'parameters':
    case 'lambda_parameters':
      return 'parameter';
    default:
  }
  const within = (type: string) => ancestors.some((ancestor) => ancestor.type === type);
  if (within('import_statement') || within('import_from_statement')) return 'imported';
  const inPattern = (type: string, name: string) =>
    field === name
      ? parent?.type === type
      : ancestors.some(
          (ancestor, i) =>
            ancestor.field === name &&
            ancestors[i - 1]?.type === type &&
            ancestors.slice(i).every((each) => PATTERNS.has(each.type)),
        );
  const assigned =
    inPattern('assignment', 'left') ||
    inPattern('for_statement', 'left') ||
    inPattern('for_in_clause', 'left') ||
    inPattern('named_expression', 'name') ||
    parent?.type === 'as_pattern_target';
  if (assigned) return 'assigned';
  const isSplat = parent?.type.endsWith('splat_pattern') === true;
  return isSplat && (within('parameters') || within('lambda_parameters')) ? 'parameter' : 'used';
}

/** Nodes that a bound name may lie in, within what is bound. */
const PATTERNS: ReadonlySet<string> = new Set([
  'pattern_list',
  'tuple_pattern',
  'list_pattern',
  'list_splat_pattern',
]);
