/** The page: one screen, of which only the card and the lists scroll by themselves. */
import { ablationsText, countAblations } from '../../shared/ablations';
import { plural, t } from '../../shared/l10n';
import type { Panel } from '../panel';
import type { ViewState, Way } from '../protocol';
import { Button, Ring } from '../toolkit';
import { AblationList } from './ablations';
import { CardView } from './card';
import { CircuitBar, RecordedBar } from './circuitBar';
import { CompareBar } from './compare';
import { Controls } from './controls';
import { EdgeCard } from './edgeCard';
import { FindBar } from './find';
import { GroupCard } from './groupCard';
import { GroupList } from './groups';
import { Header } from './header';
import { PredictionBars } from './prediction';
import { SelectionBar } from './selection';
import { Stage } from './stage';
import { StoryView } from './story';
import { TRY_AGAIN } from './text';

/** What leads on where there is nothing to show. */
const WAYS: Record<Way, string> = {
  walkthrough: t('Open the Walkthrough'),
  model: t('Choose Model…'),
  again: TRY_AGAIN,
};

export function Page({ panel }: { panel: Panel }) {
  const { empty } = panel.model;
  if (empty) {
    return (
      <div class="empty" role="status">
        {empty.busy && <Ring />}
        <p>{empty.text}</p>
        {empty.ways.length > 0 && (
          <div class="row">
            {empty.ways.map((way) => (
              <Button
                key={way}
                onClick={() => {
                  panel.act('way', { way });
                }}
              >
                {WAYS[way]}
              </Button>
            ))}
          </div>
        )}
      </div>
    );
  }
  const { failure, state, model } = panel;
  const { opened, edge, group } = panel.choice;
  const { subject } = model;
  const nothing = model.ablations.entries.length === 0 && model.marks.nodes.size === 0;
  const idle = !opened && !edge && group === null && (nothing || state.tab === 'node');
  return (
    <main>
      <Header panel={panel} />
      {panel.model.subject?.drawn && <CircuitBar panel={panel} drawn={panel.model.subject.drawn} />}
      {typeof model.subject?.recorded === 'string' && (
        <RecordedBar panel={panel} name={model.subject.recorded} />
      )}
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
      {subject && (panel.comparing || subject.other) && (
        <CompareBar panel={panel} subject={subject} />
      )}
      <PredictionBars panel={panel} />
      <SelectionBar panel={panel} />
      <div class="body">
        <div class="main">
          <Controls panel={panel} />
          <Stage panel={panel} />
        </div>
        <div class={`side ${idle ? 'idle' : ''}`} data-tab={state.tab} data-list={state.list}>
          <Tabs panel={panel} />
          <section class="card node-card" aria-label={chosenText(panel)}>
            <Chosen panel={panel} />
          </section>
          <AblationList panel={panel} />
          <GroupList panel={panel} />
        </div>
      </div>
    </main>
  );
}

/** What was chosen last: an edge, a group or a node. */
function Chosen({ panel }: { panel: Panel }) {
  if (panel.choice.edge) return <EdgeCard panel={panel} edge={panel.choice.edge} />;
  if (panel.choice.group !== null) return <GroupCard panel={panel} name={panel.choice.group} />;
  return <CardView panel={panel} />;
}

function chosenText({ choice: { edge, group } }: Panel): string {
  return edge ? t('Edge') : group === null ? t('Node') : t('Group');
}

/** Where there is no room for all, one is chosen: the card or a list; beside the card one of the lists. */
function Tabs({ panel }: { panel: Panel }) {
  const { entries } = panel.model.ablations;
  const { groups } = panel.model.marks;
  const { tab, list } = panel.state;
  const lists: readonly (readonly [ViewState['list'], string])[] = [
    ['ablations', entries.length === 0 ? t('Ablations') : ablationsText(countAblations(entries))],
    [
      'groups',
      groups.length === 0 ? t('Groups') : plural(groups.length, '{0} group', '{0} groups'),
    ],
  ];
  return (
    <div class="tabs" role="tablist" aria-label={t('Below the picture')}>
      <Tab
        own="node"
        selected={tab === 'node'}
        onClick={() => {
          panel.arrange({ tab: 'node' });
        }}
      >
        {chosenText(panel)}
      </Tab>
      {lists.map(([own, text]) => (
        <Tab
          key={own}
          own={own}
          selected={tab === 'list' && list === own}
          onClick={() => {
            panel.arrange({ tab: 'list', list: own });
          }}
        >
          {text}
        </Tab>
      ))}
    </div>
  );
}

interface TabProps {
  readonly own: ViewState['list'] | 'node';
  readonly selected: boolean;
  readonly onClick: () => void;
  readonly children: string;
}

function Tab({ own, selected, onClick, children }: TabProps) {
  return (
    <button type="button" role="tab" data-tab={own} aria-selected={selected} onClick={onClick}>
      {children}
    </button>
  );
}
