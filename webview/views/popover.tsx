/**
 * What is seldom wanted, behind a word: opened by a click or Enter, closed likewise, by Escape or by a
 * button in it.
 */
import type { ComponentChildren } from 'preact';
import { useRef } from 'preact/hooks';

interface Props {
  /** The word. */
  readonly text: string;
  /** A sentence on what is behind it. */
  readonly title: string;
  readonly class?: string;
  readonly children: ComponentChildren;
}

export function Popover({ text, title, class: own = '', children }: Props) {
  const details = useRef<HTMLDetailsElement>(null);
  const close = () => {
    if (!details.current) return;
    details.current.open = false;
    details.current.querySelector('summary')?.focus();
  };
  return (
    <details
      class={`popover ${own}`}
      ref={details}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !details.current?.open) return;
        // Whoever listens behind it would close something else.
        event.stopPropagation();
        close();
      }}
    >
      <summary title={title}>{text}</summary>
      <div
        onClick={({ target }) => {
          if ((target as Element).closest('vscode-button')) close();
        }}
      >
        {children}
      </div>
    </details>
  );
}
