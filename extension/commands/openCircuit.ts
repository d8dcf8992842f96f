/** Opens the circuit panel beside the text, at a link's token or at the cursor. */
import * as vscode from 'vscode';
import { placeIn, type Command } from './command';

export const openCircuit: Command = {
  id: 'circuitscope.openCircuit',
  async run(app, argument) {
    const place = placeIn(argument);
    if (place) {
      const editor = vscode.window.visibleTextEditors.find(
        ({ document }) => document === place.document,
      );
      if (editor) editor.selection = new vscode.Selection(place.position, place.position);
    }
    app.panel.open();
    await Promise.resolve();
  },
};
