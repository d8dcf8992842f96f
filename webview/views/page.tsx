/** The page: one screen, of which only the card and the lists scroll by themselves. */
import { plural, t } from '../../shared/l10n';
import type { Panel } from '../panel';
import type { ViewState } from '../protocol';
import { Ring } from '../toolkit';
import { AblationList } from './ablations';
import { CardView } from './card';
import { CircuitBar } from './circuitBar';
import { Controls } from './controls';
import { EdgeCard } from './edgeCard';
import { FindBar } from './find';
import { Header } from './header';
import { PredictionBars } from './prediction';
import { SelectionBar } from './selection';
import { Stage } from './stage';
import { StoryView } from './story';

export function Page({ panel }: { panel: Panel }) {
  const { empty } = panel.model;
  if (empty) {
    return (
      <div class="empty" role="status">
        {empty.busy && <Ring />}
        <p>{empty.text}</p>
      </div>
    );
  }
  const { failure, state, opened, edge, model } = panel;
  const idle = !opened && !edge && model.ablations.entries.length === 0;
  return (
    <main>
      <Header panel={panel} />
      {panel.model.subject?.drawn && <CircuitBar panel={panel} drawn={panel.model.subject.drawn} />}
      {failure !== null && (
        <p class="problem failure" role="alert">
          {failure}{' '}
          <button
            type="button"
            class="link"
            onClick={() => {
              panel.dismiss();
            }}
          >
            {t('Dismiss')}
          </button>
        </p>
      )}
      <StoryView panel={panel} />
      <FindBar panel={panel} />
      <PredictionBars panel={panel} />
      <SelectionBar panel={panel} />
      <div class="body">
        <div class="main">
          <Controls panel={panel} />
          <Stage panel={panel} />
        </div>
        <div class={`side ${idle ? 'idle' : ''}`} data-tab={state.tab}>
          <Tabs panel={panel} />
          <section class="card node-card" aria-label={panel.edge ? t('Edge') : t('Node')}>
            {panel.edge ? <EdgeCard panel={panel} edge={panel.edge} /> : <CardView panel={panel} />}
          </section>
          <AblationList panel={panel} />
        </div>
      </div>
    </main>
  );
}

/** Where there is no room for both, one of them is chosen. */
function Tabs({ panel }: { panel: Panel }) {
  const { entries } = panel.model.ablations;
  const tabs: readonly (readonly [ViewState['tab'], string])[] = [
    ['node', panel.edge ? t('Edge') : t('Node')],
    [
      'ablations',
      entries.length === 0
        ? t('Ablations')
        : plural(entries.length, '{0} ablation', '{0} ablations'),
    ],
  ];
  return (
    <div class="tabs" role="tablist" aria-label={t('Below the picture')}>
      {tabs.map(([tab, text]) => (
        <button
          key={tab}
          type="button"
          role="tab"
          aria-selected={panel.state.tab === tab}
          onClick={() => {
            panel.arrange({ tab });
          }}
        >
          {text}
        </button>
      ))}
    </div>
  );
}
