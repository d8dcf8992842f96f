/** Switches hovers on or off, and between the least and everything. */
import { t } from '../../shared/l10n';
import * as vscode from 'vscode';
import { settings } from '../settings';
import type { Command } from './command';

const MESSAGE_MS = 5000;

export const toggleHover: Command = {
  id: 'circuitscope.toggleHover',
  async run() {
    const on = !settings.hover();
    await settings.setHover(on);
    const said = on ? t('hovers are on') : t('hovers are off');
    vscode.window.setStatusBarMessage(`Circuitscope: ${said}`, MESSAGE_MS);
  },
};

export const toggleHoverDetail: Command = {
  id: 'circuitscope.toggleHoverDetail',
  async run() {
    const detail = settings.hoverDetail() === 'compact' ? 'full' : 'compact';
    await settings.setHoverDetail(detail);
    const said =
      detail === 'full'
        ? t('hovers are now detailed; hover the token again')
        : t('hovers are now compact; hover the token again');
    vscode.window.setStatusBarMessage(`Circuitscope: ${said}`, MESSAGE_MS);
  },
};
