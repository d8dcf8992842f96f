/** The model and what it does among the language's states, and how many ablations are on in the status bar. */
import { ablationsText, countAblations } from '../shared/ablations';
import { series, t } from '../shared/l10n';
import * as vscode from 'vscode';
import { waitsText } from './interventions/describe';
import { anchorOf } from './interventions/entry';
import type { InterventionStore } from './interventions/store';
import type { Models } from './model/models';

/** Work that is over sooner is not worth a flicker. */
const CALM_MS = 300;

export class ModelStatus implements vscode.Disposable {
  private readonly item = vscode.languages.createLanguageStatusItem('circuitscope.model', {
    language: 'python',
  });
  private readonly listener;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly models: Models) {
    this.item.name = `Circuitscope: ${t('Model')}`;
    this.item.command = { command: 'circuitscope.chooseModel', title: t('Choose Model…') };
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
    const { Error, Information } = vscode.LanguageStatusSeverity;
    item.severity = state.kind === 'failed' ? Error : Information;
    item.busy = state.kind === 'loading' || (state.kind === 'ready' && working);
    switch (state.kind) {
      case 'idle':
        item.text = `Circuitscope: ${t('no model loaded')}`;
        item.detail = t('loads on the first hover or command');
        break;
      case 'loading':
        item.text = `Circuitscope: ${t('loading the model')}`;
        item.detail = '';
        break;
      case 'ready':
        item.text = `Circuitscope: ${state.info.name}`;
        item.detail = working ? t('running') : t('model in use');
        break;
      case 'failed':
        item.text = `Circuitscope: ${t('the model cannot be loaded')}`;
        item.detail = state.message;
        break;
    }
  }
}

export class AblationStatus implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem(
    'circuitscope.ablations',
    vscode.StatusBarAlignment.Right,
    99,
  );
  private readonly listeners: readonly { dispose(): void }[];

  constructor(
    private readonly store: InterventionStore,
    private readonly models: Models,
  ) {
    this.item.name = `Circuitscope: ${t('Ablations')}`;
    this.item.command = 'circuitscope.ablations.focus';
    const show = () => {
      this.show();
    };
    this.listeners = [store.changed.on(show), models.changed.on(show)];
    this.show();
  }

  dispose(): void {
    for (const listener of this.listeners) listener.dispose();
    this.item.dispose();
  }

  private show(): void {
    const { entries, name } = this.store.state;
    if (entries.length === 0) {
      this.item.hide();
      return;
    }
    const inUse = this.models.state.kind === 'ready' ? this.models.state.info.hash : null;
    const on = entries.filter((entry) => entry.on && waitsText(entry, inUse) === null);
    const off = entries.filter((entry) => !entry.on).length;
    const waiting = entries.length - on.length - off;
    const lost = on.filter((entry) => anchorOf(entry)?.lost === true);
    const gone = lost.length > 0 ? [t('{0} lost', lost.length)] : [];
    this.item.text = `$(circle-slash) ${series([ablationsText(countAblations(on)), ...gone])}`;
    const counts = [
      t('{0} on', on.length),
      t('{0} off', off),
      ...(waiting > 0 ? [t('{0} for another model, inactive', waiting)] : []),
      ...(lost.length > 0 ? [t('{0} whose token is no longer in the text', lost.length)] : []),
    ];
    const said = t('{0}: {1}. Click to see them in the side bar.', name, series(counts));
    this.item.tooltip = `Circuitscope: ${said}`;
    this.item.show();
  }
}
