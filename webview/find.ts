/** Finding nodes in what is shown: by label, name, token, meaning, group or note, the largest effect first. */
import type { Choice } from './choice';
import type { Drawing } from './drawing';
import { effectOf } from './effect';
import type { Model } from './model';
import type { GraphNode, ViewState } from './protocol';
import { matching } from './views/tableRows';

/** What is searched. */
interface Searched {
  readonly state: Pick<ViewState, 'selected'>;
  readonly model: Pick<Model, 'meanings' | 'marks'>;
  readonly drawing: Pick<Drawing, 'single'>;
  readonly choice: Pick<Choice, 'select'>;
  /** Brings a node into sight. */
  reveal(id: string): void;
  changed(): void;
}

export class Finder {
  /** What is looked for; null while the search is closed. */
  text: string | null = null;

  constructor(private readonly panel: Searched) {}

  /** Nodes that have every word, the one that matters most first; none for no words. */
  found(): GraphNode[] {
    const { text, panel } = this;
    if (text === null || text.trim() === '') return [];
    const channels = panel.drawing.single().filter(({ role }) => role === 'channel');
    return matching(channels, text, panel.model).sort(
      (a, b) => Math.abs(effectOf(b)) - Math.abs(effectOf(a)),
    );
  }

  /** Number of the found node that is selected, from 0; -1 when none is. */
  at(found: readonly GraphNode[]): number {
    const [selected] = this.panel.state.selected;
    return found.findIndex(({ id }) => id === selected);
  }

  /** Looks for something, or closes the search. */
  look(text: string | null): void {
    this.text = text;
    this.panel.changed();
  }

  /** Selects the next of those that are found, or the one before; after the last comes the first. */
  step(by: 1 | -1): void {
    const found = this.found();
    if (found.length === 0) return;
    const at = this.at(found);
    const first = by === 1 ? 0 : found.length - 1;
    const { id } = found[at < 0 ? first : (at + by + found.length) % found.length];
    this.panel.choice.select([id]);
    this.panel.reveal(id);
  }
}
