/** What the model predicts, without and with the ablations, as bars. */
import { code, el, fill } from '../dom';
import { percent, signed } from '../format';
import type { Model } from '../model';
import type { Prediction } from '../protocol';

/** Fills the section with bars. */
export function showPrediction(root: HTMLElement, { prediction, subject }: Model): void {
  if (!prediction || !subject) {
    fill(root, el('p', { class: 'muted' }, 'Tracing…'));
    return;
  }
  const changed = prediction.ablations > 0;
  const head = changed ? ['token', '', 'before', 'after'] : ['token', '', 'share'];
  fill(
    root,
    el(
      'table',
      { class: `bars ${changed ? 'changed' : ''}`, 'aria-label': 'Likeliest tokens' },
      el('thead', {}, el('tr', {}, ...head.map((text) => el('th', { scope: 'col' }, text)))),
      el('tbody', {}, ...prediction.candidates.map((candidate) => row(candidate, changed))),
    ),
    summary(prediction, subject.target.text),
  );
}

function row(candidate: Prediction['candidates'][number], changed: boolean): HTMLElement {
  const { text, before, now, observed, target } = candidate;
  const name = el(
    'th',
    {
      scope: 'row',
      class: target ? 'target' : null,
      title: target ? 'what the circuit is about' : null,
    },
    code(text),
    observed ? el('span', { class: 'observed', title: 'what the file has' }, ' ◂') : null,
    observed ? el('span', { class: 'hidden-text' }, ' what the file has') : null,
  );
  const bars = el('td', { class: 'bar-cell', 'aria-hidden': 'true' }, bar('before', before));
  if (changed) bars.append(bar('after', now));
  const shares = changed ? [before, now] : [before];
  return el(
    'tr',
    {},
    name,
    bars,
    ...shares.map((share) => el('td', { class: 'number' }, percent(share))),
  );
}

function bar(className: string, share: number): HTMLElement {
  const element = el('i', { class: className });
  element.style.width = `${Math.max(0.4, 100 * share)}%`;
  return element;
}

function summary({ ablations, logprob }: Prediction, target: string): HTMLElement {
  const on = `${ablations} ${ablations === 1 ? 'ablation' : 'ablations'} on`;
  const change = signed(logprob.now - logprob.before);
  const shares = `${percent(Math.exp(logprob.before))} → ${percent(Math.exp(logprob.now))}`;
  return el(
    'p',
    { class: 'summary', role: 'status' },
    code(target),
    ...(ablations === 0
      ? [` ${percent(Math.exp(logprob.before))}, ${logprob.before.toFixed(3)} nats`]
      : [` ${shares}, `, el('b', {}, `${change} nats`), ` with ${on}`]),
  );
}
