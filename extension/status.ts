/** The status bar: the model and what it does, and how many ablations are on. */
import * as vscode from 'vscode';
import { ablationsText } from './interventions/describe';
import type { InterventionStore } from './interventions/store';
import type { Models } from './model/models';

/** Work that is over sooner is not worth a flicker. */
const CALM_MS = 300;

export class ModelStatus implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem(
    'circuitscope.model',
    vscode.StatusBarAlignment.Right,
    100,
  );
  private readonly listener;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly models: Models) {
    this.item.name = 'Circuitscope: Model';
    this.item.command = 'circuitscope.chooseModel';
    this.listener = models.changed.on(() => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => {
        this.show();
      }, CALM_MS);
    });
    this.show();
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.listener.dispose();
    this.item.dispose();
  }

  private show(): void {
    const { state, working } = this.models;
    const { item } = this;
    item.backgroundColor = undefined;
    switch (state.kind) {
      case 'idle':
        item.hide();
        return;
      case 'loading':
        item.text = '$(loading~spin) Loading model';
        item.tooltip = 'Circuitscope loads its model';
        break;
      case 'ready':
        item.text = `${working ? '$(loading~spin)' : '$(circuit-board)'} ${state.info.name}`;
        item.tooltip = working
          ? 'Circuitscope: the model is at work'
          : 'Circuitscope: choose a model';
        break;
      case 'failed':
        item.text = '$(error) Circuitscope';
        item.tooltip = state.message;
        item.backgroundColor = new vscode.ThemeColor('statusBarItem.errorBackground');
        break;
    }
    item.show();
  }
}

export class AblationStatus implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem(
    'circuitscope.ablations',
    vscode.StatusBarAlignment.Right,
    99,
  );
  private readonly listener;

  constructor(private readonly store: InterventionStore) {
    this.item.name = 'Circuitscope: Ablations';
    this.item.command = 'circuitscope.toggleAblation';
    this.item.backgroundColor = new vscode.ThemeColor('statusBarItem.warningBackground');
    this.listener = store.changed.on(() => {
      this.show();
    });
    this.show();
  }

  dispose(): void {
    this.listener.dispose();
    this.item.dispose();
  }

  private show(): void {
    const { count, state } = this.store;
    if (state.entries.length === 0) {
      this.item.hide();
      return;
    }
    const off = state.entries.length - count;
    this.item.text = `$(circle-slash) ${ablationsText(count)}`;
    this.item.tooltip = `Circuitscope: ${state.name}, ${count} on, ${off} off. Click to list them.`;
    this.item.show();
  }
}
