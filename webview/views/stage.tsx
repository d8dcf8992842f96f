/** The circuit as picture or table, attention or the prediction layer by layer, and what is said about it. */
import { t } from '../../shared/l10n';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { GraphPane } from '../graph/graphPane';
import type { Panel } from '../panel';
import type { GraphEdge, GraphNode, Subject } from '../protocol';
import { AttentionView } from './attention';
import { countsText, ofCircuit } from './controls';
import { edgeHint, nodeHint } from './hint';
import { Legend } from './legend';
import { DenseView } from './dense';
import { LensView } from './lens';
import { TableView } from './table';
import { Problem } from './text';

const NOTHING_SHOWN = t(
  'No node has an effect this large here. Lower the threshold or show more nodes.',
);

export function Stage({ panel }: { panel: Panel }) {
  const { circuit, subject, problems } = panel.model;
  const { view, selected, viewport } = panel.state;
  const [pointed, setPointed] = useState<GraphNode | GraphEdge | null>(null);
  const root = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    setWidth(root.current!.clientWidth);
  }, [view]);
  const shown = panel.drawing.shown();
  const marked = useSame(selected.map((id) => panel.drawing.standing(id)));
  const nothing = circuit !== null && shown.nodes.length === 0;
  const own = subjectKey(subject);
  const isAblated = panel.drawing.isAblated();
  const hint =
    pointed === null
      ? ''
      : 'role' in pointed
        ? nodeHint(pointed, isAblated(pointed), panel.drawing.meaningOf(pointed))
        : edgeHint(pointed, (id) => panel.drawing.nameOf(id));
  const problem = problems.circuit ?? problems.now;
  return (
    <div class="stage" ref={root}>
      <div class={`layer ${view === 'graph' ? '' : 'away'}`}>
        <GraphPane
          shown={shown}
          isAblated={isAblated}
          selected={marked}
          edge={panel.choice.edge}
          viewport={viewport?.subject === own ? viewport : null}
          lasso={panel.lasso}
          waiting={circuit === null}
          onReady={(graph) => {
            panel.graph = graph;
          }}
          onSelect={(ids) => {
            panel.choice.select(ids);
          }}
          onEdge={(edge) => {
            panel.choice.selectEdge(edge);
          }}
          onPoint={setPointed}
          onMove={(moved) => {
            panel.remember({ viewport: moved && { ...moved, subject: own } });
          }}
        />
        <Legend compared={(subject?.other ?? null) !== null} />
      </div>
      {view === 'table' && <TableView panel={panel} shown={shown} />}
      {view === 'attention' && (
        <div class="scroll attention-scroll">
          <AttentionView panel={panel} width={width} />
        </div>
      )}
      {view === 'dense' && (
        <div class="scroll attention-scroll">
          <DenseView key={subject?.line ?? ''} panel={panel} />
        </div>
      )}
      {view === 'lens' && (
        <div class="scroll attention-scroll">
          <LensView panel={panel} />
        </div>
      )}
      {nothing && ofCircuit(view) && <p class="nothing muted">{NOTHING_SHOWN}</p>}
      <div class="foot">
        {problem !== undefined && (
          <Problem
            text={problem}
            onRetry={() => {
              panel.retry();
            }}
          />
        )}
        <Progress panel={panel} />
        <span class="counts muted" role="status">
          {ofCircuit(view) ? countsText(circuit, shown) : ''}
        </span>
        <span class="hint" role="status">
          {hint}
        </span>
      </div>
    </div>
  );
}

/** The same list as long as it has the same entries. */
function useSame(list: readonly string[]): readonly string[] {
  const kept = useRef(list);
  if (list.length !== kept.current.length || list.some((one, i) => one !== kept.current[i]))
    kept.current = list;
  return kept.current;
}

function Progress({ panel }: { panel: Panel }) {
  const { progress } = panel.model;
  if (!progress) return null;
  const { what, done, total } = progress;
  return (
    <span class="progress" role="status">
      <progress max={total} value={done} aria-label={what} />
      <span class="muted">{t('{0} {1} of {2}', what, done, total)}</span>
    </span>
  );
}

/** What the picture is of, for what is remembered of its view. */
function subjectKey(subject: Subject | null): string {
  if (!subject) return '';
  const { mode, file, model, cursor, target, contrast, drawn } = subject;
  return [
    mode,
    file,
    model,
    cursor.token,
    target.text,
    contrast?.text ?? '',
    drawn?.name ?? '',
  ].join(' ');
}
