/** What the panel is about, and what leads to something else. */
import { t } from '../../shared/l10n';
import { titleParts } from '../../shared/title';
import type { Panel } from '../panel';
import { FORMATS, type Format, type Mode, type Subject } from '../protocol';
import { Button, Dropdown } from '../toolkit';
import { Code } from './text';

const FORMAT_NAMES: Record<Format, string> = {
  svg: t('Picture (SVG)'),
  png: t('Picture (PNG)'),
  html: t('Page (HTML)'),
  circuit: t('Circuit (JSON)'),
  interventions: t('Ablations (JSON)'),
  markdown: t('Copy as Markdown'),
};
const PINS = {
  no: { text: t('Pin'), title: t('Stay at this token') },
  yes: { text: t('Pinned'), title: t('Follow the cursor again') },
  lost: {
    text: t('Pin lost'),
    title: t(
      'The pinned token is no longer in the text. The panel returns to it if it comes back; click to unpin',
    ),
  },
};
const MODES: readonly (readonly [Mode, string, string])[] = [
  ['next', t('What next'), t('The prediction after the token')],
  ['why', t('Why this token'), t('The prediction of the token itself')],
];

export function Header({ panel }: { panel: Panel }) {
  const { subject, pinned, circuit } = panel.model;
  const mode = subject?.mode ?? 'next';
  return (
    <header>
      <Title subject={subject} />
      <div class="row">
        <div class="group" role="group" aria-label={t('Question')}>
          {MODES.map(([own, text, title]) => (
            <Button
              key={own}
              title={title}
              pressed={mode === own}
              onClick={() => {
                panel.setMode(own);
              }}
            >
              {text}
            </Button>
          ))}
        </div>
        <Button
          pressed={pinned !== 'no'}
          title={PINS[pinned].title}
          onClick={() => {
            panel.pin(pinned === 'no');
          }}
        >
          {PINS[pinned].text}
        </Button>
        <Button
          pressed={panel.comparing || (subject?.other ?? null) !== null}
          disabled={subject === null || subject.drawn !== null}
          title={t('Compare with another text: what differs, and what it does to the prediction')}
          onClick={() => {
            panel.toggleComparison();
          }}
        >
          {t('Compare')}
        </Button>
        <Dropdown
          name={t('Export')}
          class="export"
          value=""
          disabled={circuit === null}
          options={[['', t('Export…')], ...FORMATS.map((one) => [one, FORMAT_NAMES[one]] as const)]}
          onChange={(chosen) => {
            const format = FORMATS.find((one) => one === chosen);
            if (format) panel.export(format);
          }}
        />
        <Steps panel={panel} />
      </div>
    </header>
  );
}

/** Steps back and forth, in view wherever people ablate. */
function Steps({ panel }: { panel: Panel }) {
  const { canUndo, canRedo } = panel.model.ablations;
  return (
    <div class="group">
      <Button
        name={t('Undo')}
        disabled={!canUndo}
        onClick={() => {
          panel.act('undo', {});
        }}
      >
        ↶
      </Button>
      <Button
        name={t('Redo')}
        disabled={!canRedo}
        onClick={() => {
          panel.act('redo', {});
        }}
      >
        ↷
      </Button>
    </div>
  );
}

function Title({ subject }: { subject: Subject | null }) {
  if (!subject) return <h1>{t('Circuit')}</h1>;
  const { cursor, file, model } = subject;
  const { prompt = null, prompts = [] } = subject.drawn ?? {};
  const where = prompt === null ? file : `${file} ${prompts[prompt].text}`;
  const place = `${where} ${cursor.line + 1}:${cursor.column + 1} · ${t('token {0}', cursor.token)} · ${model}`;
  return (
    <div class="title">
      <h1>
        {titleParts(subject).map(({ text, token }, i) =>
          token ? <Code key={i} text={text} class="token" /> : text,
        )}
      </h1>
      <span class="muted place" title={place}>
        {place}
      </span>
    </div>
  );
}
