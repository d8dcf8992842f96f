/** The circuits as a tree, by where they come from, with sizes, losses and how their proof ended. */
import { t } from '../../shared/l10n';
import * as vscode from 'vscode';
import { taskNamed } from '../../models/tasks';
import {
  listedId,
  ORIGINS,
  sizeText,
  stateText,
  type ListedCircuit,
  type Origin,
} from '../circuits/known';
import type { CircuitLibrary } from '../circuits/library';
import type { Models } from '../model/models';
import { inWords } from '../panel/taskView';

/** A place that circuits come from, or one circuit; `circuit`, `origin` and `model` are how commands name it. */
export type CircuitItem =
  | { readonly kind: 'origin'; readonly origin: Origin }
  | {
      readonly kind: 'circuit';
      readonly circuit: string;
      readonly origin: Origin;
      readonly model: string | undefined;
      readonly series: ListedCircuit;
    };

const TITLES: Partial<Record<Origin, string>> = {
  found: t('Found just now'),
  kept: t('Kept in this workspace'),
  shipped: t('Shipped with the model'),
};

export class CircuitsTree implements vscode.TreeDataProvider<CircuitItem>, vscode.Disposable {
  private readonly events = new vscode.EventEmitter<void>();
  readonly onDidChangeTreeData = this.events.event;
  private readonly listeners: vscode.Disposable;
  private all: Promise<ListedCircuit[]> | null = null;

  constructor(
    private readonly library: CircuitLibrary,
    models: Models,
  ) {
    const again = () => {
      this.all = null;
      this.events.fire();
    };
    const watcher = vscode.workspace.createFileSystemWatcher('**/.circuitscope/circuits/*.json');
    watcher.onDidCreate(again);
    watcher.onDidChange(again);
    watcher.onDidDelete(again);
    this.listeners = vscode.Disposable.from(
      vscode.window.registerTreeDataProvider('circuitscope.circuits', this),
      ...[this.events, watcher],
      library.changed.on(again),
      models.replaced.on(again),
    );
  }

  async getChildren(item?: CircuitItem): Promise<CircuitItem[]> {
    if (item?.kind === 'circuit') return [];
    // Without a bundle there is nothing to list, and choosing a model says why.
    const all = await (this.all ??= this.library.list().catch(() => []));
    if (item) {
      return all
        .filter(({ origin }) => origin === item.origin)
        .map((series) => {
          const { name: circuit, origin, about } = series;
          return { kind: 'circuit', circuit, origin, model: about?.bundle.hash, series };
        });
    }
    const origins = new Set(all.map(({ origin }) => origin));
    return [...origins].map((origin) => ({ kind: 'origin', origin }));
  }

  getTreeItem(item: CircuitItem): vscode.TreeItem {
    if (item.kind === 'origin') {
      const title = TITLES[item.origin] ?? ORIGINS[item.origin];
      return new vscode.TreeItem(title, vscode.TreeItemCollapsibleState.Expanded);
    }
    const { name, about, problem } = item.series;
    const tree = new vscode.TreeItem(name);
    const id = listedId(item.series);
    if (!about || !id) {
      tree.iconPath = new vscode.ThemeIcon('error');
      tree.description = t('cannot be read');
      tree.tooltip = problem ?? '';
      return tree;
    }
    const passes = this.library.verdict(id) ?? about.passes;
    const isShown = this.library.isShown(id);
    tree.description = stateText({ ...about, passes });
    tree.iconPath = new vscode.ThemeIcon(
      isShown ? 'eye' : passes === false ? 'warning' : 'circuit-board',
    );
    const task = taskNamed(name);
    tree.tooltip = [
      ...(task ? [inWords(task.description)] : []),
      t('{0} (nats; chance is 0.693), of {1}', sizeText({ ...about, passes }), about.bundle.name),
      isShown
        ? t('It colors the file.')
        : t('Click to color the file by how strongly it is active.'),
    ].join('\n');
    tree.contextValue = isShown ? 'circuit shown' : 'circuit';
    tree.command = { command: 'circuitscope.showTaskCircuit', title: t('Show'), arguments: [item] };
    return tree;
  }

  dispose(): void {
    this.listeners.dispose();
  }
}
