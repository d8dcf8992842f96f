/** Text within the page. */
import type { ComponentChildren } from 'preact';
import { TERMS, type Term } from '../terms';

/** Text of a file: in the code font, apart from what stands around it however it is written. */
export function Code({ text, class: name = '' }: { text: string; class?: string }) {
  return <bdi class={`code ${name}`}>{text}</bdi>;
}

/** A word of the field; its meaning shows where the pointer rests on it. */
export function Word({ of, children }: { of: Term; children: ComponentChildren }) {
  return (
    <span class="word" title={TERMS[of]}>
      {children}
    </span>
  );
}

interface LinkProps {
  readonly title: string;
  readonly onClick: (event: MouseEvent) => void;
  readonly children: ComponentChildren;
}

/** A button that looks like a link. */
export function Link({ title, onClick, children }: LinkProps) {
  return (
    <button type="button" class="link" title={title} onClick={onClick}>
      <bdi>{children}</bdi>
    </button>
  );
}

/** One line on what went wrong. */
export function Problem({ text }: { text: string }) {
  return (
    <p class="problem" role="alert">
      {text}
    </p>
  );
}
