/** One node's activation along the file: a cell a token, that leads to the token. */
import { el } from '../dom';
import { signed } from '../format';
import type { Card } from '../protocol';
import { signedColor, type Theme } from '../theme';

const CELL = { width: 9, height: 18, gap: 1 };

/**
 * The strip. It is one control: arrows move along it, Enter goes to the token.
 * @param here token that is marked
 */
export function strip(
  { strip: { start, texts, values } }: Card,
  here: number,
  theme: Theme,
  reveal: (token: number) => void,
): HTMLElement {
  const largest = values.reduce((top, value) => Math.max(top, Math.abs(value)), 0);
  const said = el('span', { class: 'muted', 'aria-live': 'polite' });
  const cells = values.map((value, i) => {
    const cell = el('i', { 'data-token': start + i });
    cell.style.background = signedColor(theme, value, largest);
    if (start + i === here) cell.classList.add('here');
    return cell;
  });
  const bar = el(
    'div',
    {
      class: 'strip',
      tabindex: 0,
      role: 'slider',
      'aria-label': 'Token',
      'aria-valuemin': start,
      'aria-valuemax': start + values.length - 1,
    },
    ...cells,
  );
  bar.style.setProperty('--cell', `${CELL.width}px`);
  let at = Math.min(values.length - 1, Math.max(0, here - start));
  const point = (index: number) => {
    if (values.length === 0) return;
    cells[at]?.classList.remove('pointed');
    at = index;
    cells[at].classList.add('pointed');
    const text = `${texts[at]} ${signed(values[at])}`;
    bar.setAttribute('aria-valuenow', String(start + at));
    bar.setAttribute('aria-valuetext', text);
    said.textContent = `token ${start + at}: ${text}`;
  };
  const tokenOf = ({ target }: Event) =>
    target instanceof HTMLElement && target.dataset.token !== undefined
      ? Number(target.dataset.token)
      : null;
  bar.addEventListener('mousemove', (event) => {
    const token = tokenOf(event);
    if (token !== null) point(token - start);
  });
  bar.addEventListener('click', (event) => {
    const token = tokenOf(event);
    if (token !== null) reveal(token);
  });
  bar.addEventListener('keydown', (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1, PageUp: -20, PageDown: 20 }[event.key];
    if (step !== undefined) point(Math.min(values.length - 1, Math.max(0, at + step)));
    else if (event.key === 'Enter') reveal(start + at);
    else return;
    event.preventDefault();
  });
  point(at);
  return el('div', {}, bar, said);
}
