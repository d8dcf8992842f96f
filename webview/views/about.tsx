/** Words beside the names of nodes. */
import type { Panel } from '../panel';

/** What a node is about, behind its name, which says little by itself. */
export function About({ panel, id }: { panel: Panel; id: string }) {
  const node = panel.drawing.nodeOf(id);
  const about = node ? panel.drawing.meaningOf(node) : '';
  return about === '' ? null : (
    <span class="muted about" title={about}>
      <bdi>{about}</bdi>
    </span>
  );
}
