/** Text within the page. */
import type { ComponentChildren } from 'preact';
import { t } from '../../shared/l10n';
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

export const TRY_AGAIN = t('Try Again');

/** One line on what went wrong, and the way to try it again where there is one. */
export function Problem({ text, onRetry }: { text: string; onRetry?: () => void }) {
  return (
    <p class="problem" role="alert">
      {text}{' '}
      {onRetry && (
        <button type="button" class="link" onClick={onRetry}>
          {TRY_AGAIN}
        </button>
      )}
    </p>
  );
}
