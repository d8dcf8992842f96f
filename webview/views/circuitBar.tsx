/** The task's circuit that is drawn: what it decides, what is known of it, and the prompts to see it on. */
import { t } from '../../shared/l10n';
import type { Panel } from '../panel';
import type { Subject } from '../protocol';
import { Button, Dropdown } from '../toolkit';

type Drawn = NonNullable<Subject['drawn']>;
const FILE = 'file';

export function CircuitBar({ panel, drawn }: { panel: Panel; drawn: Drawn }) {
  const { name, description, facts } = drawn;
  const act = (act: 'close' | 'explain' | 'necessary' | 'sufficient' | 'verify') => () => {
    panel.act('drawn', { act });
  };
  return (
    <section class="circuit-bar" aria-label={t('Circuit of a task')}>
      <div class="row">
        <b>
          <bdi>{name}</bdi>
        </b>
        <span class="muted description" title={description}>
          <bdi>{description}</bdi>
        </span>
        <Button title={t('Go back to the prediction’s own circuit')} onClick={act('close')}>
          {t('Close')}
        </Button>
      </div>
      <dl class="numbers">
        {facts.map(({ of, value }) => (
          <div key={of} title={of}>
            <dt>{of}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <div class="row">
        <Prompts panel={panel} drawn={drawn} />
        <div class="group">
          <Button
            title={t('Describe it layer by layer, from measurements')}
            onClick={act('explain')}
          >
            {t('Explain')}
          </Button>
          <Button title={t('Is it needed? Ablate its nodes everywhere')} onClick={act('necessary')}>
            {t('Ablate it')}
          </Button>
          <Button title={t('Is it enough? Ablate all other nodes')} onClick={act('sufficient')}>
            {t('Ablate all else')}
          </Button>
          <Button
            title={t('Measure it on new prompts, against null controls')}
            onClick={act('verify')}
          >
            {t('Verify')}
          </Button>
        </div>
      </div>
    </section>
  );
}

/** The exported circuit that is drawn, and the way back to the file. */
export function RecordedBar({ panel, name }: { panel: Panel; name: string }) {
  return (
    <section class="circuit-bar" aria-label={t('Circuit from a file')}>
      <div class="row">
        <b>
          <bdi>{name}</bdi>
        </b>
        <span class="muted description">
          {t('Drawn as exported; bars, cards and ablations are computed now, on its own text.')}
        </span>
        <Button
          title={t('Go back to the prediction’s own circuit')}
          onClick={() => {
            panel.act('drawn', { act: 'close' });
          }}
        >
          {t('Close')}
        </Button>
      </div>
    </section>
  );
}

/** The prompt that is looked at, and the steps to the others. */
function Prompts({ panel, drawn: { prompts, prompt } }: { panel: Panel; drawn: Drawn }) {
  const look = (index: number | null) => {
    panel.act('prompt', { index });
  };
  const step = (by: number) => () => {
    // The file stands before the first prompt.
    const next = (prompt ?? -1) + by;
    look(next < 0 ? null : Math.min(prompts.length - 1, next));
  };
  return (
    <div class="row">
      <Button name={t('Prompt before')} disabled={prompt === null} onClick={step(-1)}>
        ◂
      </Button>
      <Dropdown
        name={t('On which text')}
        class="prompts"
        value={prompt === null ? FILE : String(prompt)}
        options={[
          [FILE, t('On the open file')],
          ...prompts.map(
            ({ text, answer, other }, i) =>
              [String(i), `${t('{0}: {1}, not {2}', i + 1, answer, other)} · ${text}`] as const,
          ),
        ]}
        onChange={(chosen) => {
          look(chosen === FILE ? null : Number(chosen));
        }}
      />
      <Button
        name={t('Next prompt')}
        disabled={prompts.length === 0 || prompt === prompts.length - 1}
        onClick={step(1)}
      >
        ▸
      </Button>
    </div>
  );
}
