/** The page's views as elements, without a page: what stands in them, and what a press does. */

/** An element of a view that is drawn. */
export interface Drawn {
  readonly type: string;
  readonly props: Readonly<Record<string, unknown>> & {
    readonly class?: string;
    readonly name?: string;
    readonly children?: unknown;
    readonly onClick?: (event?: unknown) => void;
  };
}

/** All elements of a view, with those of its parts. */
export function drawn(node: unknown): Drawn[] {
  if (Array.isArray(node)) return node.flatMap(drawn);
  if (node === null || typeof node !== 'object') return [];
  const { type, props } = node as { readonly type: unknown; readonly props: Drawn['props'] };
  if (typeof type === 'function') return drawn((type as (of: unknown) => unknown)(props));
  return [{ type: String(type), props }, ...drawn(props.children)];
}

/** The text of a view. */
export function textOf(node: unknown): string {
  if (Array.isArray(node)) return node.map(textOf).join('');
  if (typeof node === 'string' || typeof node === 'number') return String(node);
  if (node === null || typeof node !== 'object') return '';
  const { type, props } = node as { readonly type: unknown; readonly props: Drawn['props'] };
  if (typeof type === 'function') return textOf((type as (of: unknown) => unknown)(props));
  return textOf(props.children);
}

/** Elements of the toolkit, which need a page, as plain ones. */
export const plainToolkit = {
  ...{ Button: 'button', Checkbox: 'input', Dropdown: 'select', TextField: 'input', Ring: 'i' },
};

/** A part that is drawn once keeps nothing. */
export const plainHooks = {
  useState: (first: unknown) => [
    typeof first === 'function' ? (first as () => unknown)() : first,
    () => undefined,
  ],
  useRef: (current: unknown) => ({ current }),
  useMemo: (make: () => unknown) => make(),
  useEffect: () => undefined,
  useLayoutEffect: () => undefined,
};
