/** What the panel gives to an export of what is in sight. */
import type { IsAblated } from '../graph/elements';
import type { GraphView } from '../graph/graphView';
import type { Model } from '../model';
import type { Format } from '../protocol';
import { readTheme } from '../theme';
import { pngOf } from './png';
import { svgOf } from './svg';
import { notesOf } from './notes';
import type { Part } from '../part';
import { htmlOf, markdownOf, titleOf } from './text';

/** What is in sight. */
export interface Seen {
  readonly model: Model;
  readonly part: Part;
  readonly isAblated: IsAblated;
  readonly graph: GraphView;
}

/** Exports of what is in sight; the extension writes circuit and interventions itself. */
type SeenFormat = Exclude<Format, 'circuit' | 'interventions'>;

/** Content of an export of what is shown. */
export async function contentOf(format: SeenFormat, seen: Seen): Promise<string> {
  const { model, part } = seen;
  switch (format) {
    case 'svg':
      return drawing(seen);
    case 'png':
      return await pngOf(drawing(seen));
    case 'html':
      return htmlOf(model, part, drawing(seen));
    case 'markdown':
      return markdownOf(model, part);
  }
}

function drawing({ model, part: { shown, single }, isAblated, graph }: Seen): string {
  return svgOf({
    title: titleOf(model),
    shown,
    isAblated,
    notes: notesOf(model, single),
    picture: graph.picture(),
    theme: readTheme(),
  });
}
