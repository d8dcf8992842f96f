/** One node's activation along the file: a cell a token, that leads to the token. */
import { t } from '../../shared/l10n';
import { signed } from '../../shared/format';
import { useMemo, useState } from 'preact/hooks';
import type { Card } from '../protocol';
import { signedColor, type Theme } from '../theme';

interface Props {
  readonly strip: Card['strip'];
  /** Token that is marked. */
  readonly here: number;
  readonly theme: Theme;
  readonly onReveal: (token: number) => void;
}

/** The strip. It is one control: arrows move along it, Enter goes to the token. */
export function Strip({ strip, here, theme, onReveal }: Props) {
  const { start, texts, values } = strip;
  const last = values.length - 1;
  const [pointed, setPointed] = useState<number | null>(null);
  const at = Math.min(last, Math.max(0, pointed ?? here - start));
  const cells = useMemo(() => {
    const largest = values.reduce((top, value) => Math.max(top, Math.abs(value)), 0);
    return values.map((value, i) => (
      <i
        key={i}
        data-token={start + i}
        class={start + i === here ? 'here' : ''}
        style={{ background: signedColor(theme, value, largest) }}
      />
    ));
  }, [strip, here, theme.background, theme.positive, theme.negative]);
  const tokenOf = ({ target }: Event) =>
    target instanceof HTMLElement && target.dataset.token !== undefined
      ? Number(target.dataset.token)
      : null;
  const text = values.length > 0 ? `${texts[at]} ${signed(values[at])}` : '';
  return (
    <div>
      <div
        class="strip"
        tabIndex={0}
        role="slider"
        aria-label={t('Token')}
        aria-valuemin={start}
        aria-valuemax={start + last}
        aria-valuenow={start + at}
        aria-valuetext={text}
        onMouseMove={(event) => {
          const token = tokenOf(event);
          if (token !== null) setPointed(token - start);
        }}
        onClick={(event) => {
          const token = tokenOf(event);
          if (token !== null) onReveal(token);
        }}
        onKeyDown={(event) => {
          const step = { ArrowLeft: -1, ArrowRight: 1, PageUp: -20, PageDown: 20 }[event.key];
          if (step !== undefined) setPointed(Math.min(last, Math.max(0, at + step)));
          else if (event.key === 'Enter') onReveal(start + at);
          else return;
          event.preventDefault();
        }}
      >
        {cells}
      </div>
      <span class="muted" aria-live="polite">
        {text && t('token {0}: {1}', start + at, text)}
      </span>
    </div>
  );
}
