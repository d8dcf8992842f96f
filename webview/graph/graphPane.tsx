/** The picture in the page, with what frames it. */
import { t } from '../../shared/l10n';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Shown } from '../filter';
import type { GraphEdge, GraphNode } from '../protocol';
import { Bands, Headings, type Framing } from './frame';
import type { IsAblated } from './elements';
import { GraphView } from './graphView';
import { Lasso } from './lasso';
import type { Viewport } from './sight';

interface Props {
  readonly shown: Shown;
  /** Whether something is done to a node; another function when that has changed. */
  readonly isAblated: IsAblated;
  readonly selected: readonly string[];
  /** The edge that is chosen; null for none. */
  readonly edge: GraphEdge | null;
  /** Where people have moved the picture; null while it fits by itself. */
  readonly viewport: Viewport | null;
  readonly lasso: boolean;
  /** Faded, because another is under way. */
  readonly waiting: boolean;
  readonly onReady: (view: GraphView | null) => void;
  readonly onSelect: (ids: readonly string[]) => void;
  readonly onEdge: (edge: GraphEdge) => void;
  readonly onPoint: (what: GraphNode | GraphEdge | null) => void;
  readonly onMove: (viewport: Viewport | null) => void;
}

const LABEL = t(
  'Graph of the circuit. Arrow keys move between nodes, Enter opens a group, plus and minus zoom, 0 fits. The table has the same nodes and edges.',
);

export function GraphPane(props: Props) {
  const root = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLDivElement>(null);
  const view = useRef<GraphView | null>(null);
  const [framing, setFraming] = useState<Framing | null>(null);
  const now = useRef(props);
  now.current = props;
  useLayoutEffect(() => {
    const own = new GraphView(canvas.current!, {
      select: (ids) => {
        now.current.onSelect(ids);
      },
      selectEdge: (edge) => {
        now.current.onEdge(edge);
      },
      point: (what) => {
        now.current.onPoint(what);
      },
      move: (viewport) => {
        now.current.onMove(viewport);
      },
      frame: setFraming,
    });
    view.current = own;
    props.onReady(own);
    return () => {
      now.current.onReady(null);
      own.destroy();
    };
  }, []);
  const { shown, isAblated, selected, edge, viewport, waiting, lasso } = props;
  useLayoutEffect(() => {
    if (!waiting) view.current?.show(shown, isAblated, selected, viewport, edge);
  }, [shown, isAblated, selected, edge, waiting]);
  useEffect(() => {
    const element = root.current!;
    // Not by an attribute: those hear the wheel passively, and could not keep it from the page.
    const wheel = (event: WheelEvent) => {
      view.current?.wheel(event);
    };
    element.addEventListener('wheel', wheel, { passive: false });
    return () => {
      element.removeEventListener('wheel', wheel);
    };
  }, []);
  return (
    <div
      ref={root}
      class={`graph ${waiting ? 'waiting' : ''}`}
      tabIndex={0}
      role="application"
      aria-label={LABEL}
      aria-busy={waiting}
      onKeyDown={(event) => view.current?.key(event)}
    >
      {framing && <Bands {...framing} />}
      <div ref={canvas} class="canvas" aria-hidden="true" />
      {framing && <Headings {...framing} />}
      {lasso && (
        <Lasso
          onDone={(corners, add) => {
            view.current?.selectInside(corners, add);
          }}
        />
      )}
    </div>
  );
}
