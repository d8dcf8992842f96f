/** The ablations as a tree: a box each to switch it, what waits greyed, and the sets that are saved. */
import { t } from '../../shared/l10n';
import { basename } from 'node:path';
import * as vscode from 'vscode';
import { kindText, namesText, nodesText, waitsText, whereText } from '../interventions/describe';
import { anchorOf, type Entry } from '../interventions/entry';
import { nameOfAblated, namesOf, type NameParts } from '../nodes/names';
import { fileNames, savedSets } from '../interventions/folder';
import type { InterventionStore } from '../interventions/store';
import type { Models } from '../model/models';

/** An ablation by its place in the set, or a saved set. */
export type AblationItem =
  | { readonly kind: 'ablation'; readonly index: number }
  | { readonly kind: 'sets' }
  | { readonly kind: 'set'; readonly file: vscode.Uri };

/** Names that a tooltip shows; an ablation may have thousands. */
const NAMES = 12;

export class AblationsTree implements vscode.TreeDataProvider<AblationItem>, vscode.Disposable {
  private readonly events = new vscode.EventEmitter<void>();
  readonly onDidChangeTreeData = this.events.event;
  private readonly listeners: vscode.Disposable;

  constructor(
    private readonly store: InterventionStore,
    private readonly models: Models,
    private readonly named: NameParts,
  ) {
    const view = vscode.window.createTreeView('circuitscope.ablations', { treeDataProvider: this });
    const again = () => {
      this.events.fire();
    };
    this.listeners = vscode.Disposable.from(
      view,
      this.events,
      view.onDidChangeCheckboxState(({ items }) => {
        const on = this.store.state.entries.map((entry) => entry.on);
        for (const [item, state] of items) {
          if (item.kind === 'ablation') on[item.index] = state === CHECKED;
        }
        this.store.switch(on);
      }),
      store.changed.on(again),
      models.changed.on(again),
      named.labels.changed.on(again),
    );
  }

  /** Reads the saved sets again. */
  refresh(): void {
    this.events.fire();
  }

  async getChildren(item?: AblationItem): Promise<AblationItem[]> {
    if (item?.kind === 'sets') return (await savedSets()).map((file) => ({ kind: 'set', file }));
    if (item) return [];
    const own = this.store.state.entries.map((_, index) => ({ kind: 'ablation', index }) as const);
    return [...own, ...((await savedSets()).length > 0 ? [{ kind: 'sets' } as const] : [])];
  }

  async getTreeItem(item: AblationItem): Promise<vscode.TreeItem> {
    switch (item.kind) {
      case 'sets':
        return new vscode.TreeItem(t('Saved sets'), vscode.TreeItemCollapsibleState.Collapsed);
      case 'set': {
        const tree = new vscode.TreeItem(basename(item.file.path, '.json'));
        tree.iconPath = new vscode.ThemeIcon('json');
        tree.tooltip = t('Load this set in place of the current one');
        tree.command = { command: 'circuitscope.loadSet', title: t('Load'), arguments: [item] };
        return tree;
      }
      case 'ablation':
        return await this.ablation(item.index, this.store.state.entries[item.index]);
    }
  }

  dispose(): void {
    this.listeners.dispose();
  }

  private async ablation(index: number, entry: Entry): Promise<vscode.TreeItem> {
    const { state } = this.models;
    const info = state.kind === 'ready' ? state.info : null;
    const out = this.store.whyOut(entry);
    const waits = out ?? waitsText(entry, info?.hash ?? null);
    const anchor = anchorOf(entry);
    const lost = anchor?.lost === true;
    // Without labels the list stands all the same.
    const known = info && waits === null && (await namesOf(this.named, info).catch(() => null));
    const name = nameOfAblated(known || null, entry);
    const label = `${nodesText(entry, waits === null ? (info?.config ?? null) : null)} ${kindText(entry)}`;
    const tree = new vscode.TreeItem(label);
    tree.id = `${index} ${label}`;
    tree.checkboxState = entry.on ? CHECKED : vscode.TreeItemCheckboxState.Unchecked;
    tree.description = [...(name === '' ? [] : [name]), waits ?? whereText(entry)].join(' · ');
    const gray = new vscode.ThemeColor('disabledForeground');
    if (out !== null || lost) tree.iconPath = new vscode.ThemeIcon('warning');
    else if (waits !== null) tree.iconPath = new vscode.ThemeIcon('clock', gray);
    const where = anchor
      ? t('{0}, in {1}', whereText(entry), fileNames.fileOf(anchor.uri).replace(/#.*$/, ''))
      : whereText(entry);
    const names = namesText(entry, NAMES);
    tree.tooltip = [
      label,
      ...(name === '' ? [] : [name]),
      where,
      ...(waits === null ? [] : [waits]),
      names,
    ].join('\n');
    tree.contextValue = anchor ? 'anchored' : 'everywhere';
    return tree;
  }
}

const CHECKED = vscode.TreeItemCheckboxState.Checked;
