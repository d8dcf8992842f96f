/** What the panel is about, and what leads to something else. */
import { button, code, el, fill } from '../dom';
import type { Model } from '../model';
import { FORMATS, type Format, type Mode } from '../protocol';

const FORMAT_NAMES: Record<Format, string> = {
  svg: 'Picture (SVG)',
  png: 'Picture (PNG)',
  html: 'Page (HTML)',
  circuit: 'Circuit (JSON)',
  interventions: 'Ablations (JSON)',
  markdown: 'Copy as Markdown',
};

export interface HeaderEvents {
  mode(mode: Mode): void;
  pin(on: boolean): void;
  export(format: Format): void;
}

/** Fills the header. */
export function showHeader(root: HTMLElement, model: Model, events: HeaderEvents): void {
  const { subject, pinned } = model;
  const mode = subject?.mode ?? 'next';
  const choices = el(
    'div',
    { class: 'group', role: 'group', 'aria-label': 'Question' },
    button(
      'What next',
      () => {
        events.mode('next');
      },
      { pressed: mode === 'next', title: 'What comes after the token' },
    ),
    button(
      'Why this token',
      () => {
        events.mode('why');
      },
      { pressed: mode === 'why', title: 'Why the token itself came' },
    ),
  );
  const pin = button(
    pinned ? 'Pinned' : 'Pin',
    () => {
      events.pin(!pinned);
    },
    { pressed: pinned, title: pinned ? 'Follow the cursor again' : 'Stay at this token' },
  );
  fill(root, title(model), el('div', { class: 'row' }, choices, pin, exportMenu(model, events)));
}

function title({ subject }: Model): HTMLElement {
  if (!subject) return el('h1', {}, 'Circuit');
  const { cursor, target, mode, file, model } = subject;
  const place = `${file} ${cursor.line + 1}:${cursor.column + 1} · token ${cursor.token} · ${model}`;
  const line =
    mode === 'next'
      ? ['After ', code(cursor.text, 'token'), ': ', code(target.text, 'token')]
      : ['Why ', code(cursor.text, 'token'), ' after ', code(subject.reader.text, 'token')];
  const note = mode === 'next' ? (target.observed ? '' : ' (likeliest)') : '';
  return el(
    'div',
    { class: 'title' },
    el('h1', {}, ...line, note),
    el('span', { class: 'muted' }, place),
  );
}

function exportMenu(model: Model, events: HeaderEvents): HTMLElement {
  const menu = el<HTMLSelectElement>(
    'vscode-dropdown',
    { 'aria-label': 'Export', class: 'export', disabled: model.circuit === null },
    el('vscode-option', { value: '' }, 'Export…'),
    ...FORMATS.map((format) => el('vscode-option', { value: format }, FORMAT_NAMES[format])),
  );
  menu.addEventListener('change', () => {
    const format = FORMATS.find((one) => one === menu.value);
    menu.value = '';
    if (format) events.export(format);
  });
  return menu;
}
