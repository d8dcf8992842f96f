/** The search, which Ctrl+F opens. */
import { t } from '../../shared/l10n';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import type { Panel } from '../panel';
import { Button } from '../toolkit';

export function FindBar({ panel }: { panel: Panel }) {
  const { finder } = panel;
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const open = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== 'f') return;
      event.preventDefault();
      finder.look(finder.text ?? '');
      field.current?.select();
    };
    window.addEventListener('keydown', open);
    return () => {
      window.removeEventListener('keydown', open);
    };
  }, []);
  const open = finder.text !== null;
  useLayoutEffect(() => {
    if (open) field.current?.focus();
  }, [open]);
  const [selected] = panel.state.selected;
  useEffect(() => {
    if (open) document.querySelector('.nodes tr.selected')?.scrollIntoView({ block: 'nearest' });
  }, [selected]);
  if (!open) return null;
  const found = finder.found();
  const at = finder.at(found);
  const key = (event: KeyboardEvent) => {
    if (event.key === 'Enter') finder.step(event.shiftKey ? -1 : 1);
    else if (event.key === 'Escape') finder.look(null);
    else return;
    event.preventDefault();
  };
  return (
    <search class="find row" aria-label={t('Find nodes')}>
      <input
        ref={field}
        type="text"
        aria-label={t('Find nodes by name, token or meaning')}
        placeholder={t('Find, e.g. L2 MLP')}
        value={finder.text ?? ''}
        onInput={({ currentTarget }) => {
          finder.look(currentTarget.value);
        }}
        onKeyDown={key}
      />
      <span class="muted" role="status">
        {finder.text === ''
          ? ''
          : at < 0
            ? t('{0} found', found.length)
            : t('{0} of {1}', at + 1, found.length)}
      </span>
      <Button
        name={t('Previous match')}
        disabled={found.length === 0}
        onClick={() => {
          finder.step(-1);
        }}
      >
        ↑
      </Button>
      <Button
        name={t('Next match')}
        disabled={found.length === 0}
        onClick={() => {
          finder.step(1);
        }}
      >
        ↓
      </Button>
      <Button
        name={t('Close search')}
        onClick={() => {
          finder.look(null);
        }}
      >
        ✕
      </Button>
    </search>
  );
}
