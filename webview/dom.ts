/** Elements, made without markup: what is shown is always text. */

/** Attributes; true sets an empty one, false and null leave it out. */
export type Attributes = Readonly<Record<string, string | number | boolean | null>>;
type Child = Node | string | null;

/** An element with attributes and children. */
export function el<T extends HTMLElement = HTMLElement>(
  tag: string,
  attributes: Attributes = {},
  ...children: readonly Child[]
): T {
  const element = document.createElement(tag) as T;
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === false) continue;
    element.setAttribute(name, value === true ? '' : String(value));
  }
  for (const child of children) if (child !== null) element.append(child);
  return element;
}

/** Text of a file: in the code font, apart from what stands around it however it is written. */
export function code(text: string, className = ''): HTMLElement {
  return el('bdi', { class: `code ${className}` }, text);
}

/** A button of the toolkit. */
export function button(
  label: string,
  onClick: () => void,
  { title = '', primary = false, pressed = null as boolean | null, disabled = false } = {},
): HTMLElement {
  const element = el(
    'vscode-button',
    {
      appearance: primary || pressed === true ? 'primary' : 'secondary',
      ...(title === '' ? {} : { title, 'aria-label': title }),
      ...(pressed === null ? {} : { 'aria-pressed': String(pressed) }),
      disabled,
    },
    label,
  );
  element.addEventListener('click', onClick);
  return element;
}

/** What a part was last drawn from: one that says the same stays, with its open menu and its focus. */
export class Drawn {
  private last = '';

  /** Whether the part has something else to say than the last time this was asked. */
  differs(...now: readonly unknown[]): boolean {
    const text = JSON.stringify(now);
    if (text === this.last) return false;
    this.last = text;
    return true;
  }
}

/** Puts new children in place of the old ones. */
export function fill(parent: HTMLElement, ...children: readonly Child[]): void {
  parent.replaceChildren(...children.filter((child) => child !== null));
}
