/** What the panel gives to an export; the extension writes circuit and interventions itself. */
import type { Shown } from '../filter';
import type { GraphView } from '../graph/graphView';
import type { Model } from '../model';
import type { Format } from '../protocol';
import { readTheme } from '../theme';
import { pngOf } from './png';
import { svgOf } from './svg';
import { htmlOf, markdownOf, titleOf } from './text';

/** Content of an export of what is shown; empty where the extension has all of it. */
export async function contentOf(
  format: Format,
  model: Model,
  shown: Shown,
  graph: GraphView,
): Promise<string> {
  switch (format) {
    case 'svg':
      return drawing(model, shown, graph);
    case 'png':
      return await pngOf(drawing(model, shown, graph));
    case 'html':
      return htmlOf(model, shown, drawing(model, shown, graph));
    case 'markdown':
      return markdownOf(model, shown);
    case 'circuit':
    case 'interventions':
      return '';
  }
}

function drawing(model: Model, shown: Shown, graph: GraphView): string {
  return svgOf({
    title: titleOf(model),
    shown,
    changes: model.changes,
    picture: graph.picture(),
    theme: readTheme(),
  });
}
