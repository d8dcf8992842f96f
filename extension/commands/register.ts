/** Registers the commands; what goes wrong in one is said in one line. */
import * as vscode from 'vscode';
import { oneLine } from '../../models/runtime/oneLine';
import { isAbort } from '../cancel';
import type { App } from './command';
import { commands } from './index';

/** Registers every command. */
export function registerCommands(app: App): vscode.Disposable {
  const registered = commands.map((command) =>
    vscode.commands.registerCommand(command.id, async (argument: unknown) => {
      try {
        await command.run(app, argument);
      } catch (error) {
        // A model that cannot be loaded has its own message.
        if (isAbort(error) || app.models.state.kind === 'failed') return;
        app.log.error(`${command.id}: ${oneLine(error)}`);
        void vscode.window.showErrorMessage(`Circuitscope: ${oneLine(error)}`);
      }
    }),
  );
  return vscode.Disposable.from(...registered);
}
