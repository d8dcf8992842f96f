/** Switches hovers on or off, and between the least and everything. */
import * as vscode from 'vscode';
import { settings } from '../settings';
import type { Command } from './command';

const MESSAGE_MS = 5000;

export const toggleHover: Command = {
  id: 'circuitscope.toggleHover',
  async run() {
    const on = !settings.hover();
    await settings.setHover(on);
    vscode.window.setStatusBarMessage(`Circuitscope: hovers are ${on ? 'on' : 'off'}`, MESSAGE_MS);
  },
};

export const toggleHoverDetail: Command = {
  id: 'circuitscope.toggleHoverDetail',
  async run() {
    const detail = settings.hoverDetail() === 'compact' ? 'full' : 'compact';
    await settings.setHoverDetail(detail);
    const shows = detail === 'full' ? 'everything' : 'the least';
    vscode.window.setStatusBarMessage(
      `Circuitscope: hovers now show ${shows}; hover the token again`,
      MESSAGE_MS,
    );
  },
};
