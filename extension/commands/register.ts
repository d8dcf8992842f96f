/** Registers the commands; what goes wrong in one is said in one line. */
import { t } from '../../shared/l10n';
import * as vscode from 'vscode';
import { oneLine } from '../../models/oneLine';
import { isAbort } from '../cancel';
import { reportFailure } from '../model/failures';
import { ModelUnavailable } from '../model/models';
import { toast } from '../toast';
import type { Command, Parts } from './command';
import { commands } from './index';

/** Registers every command. */
export function registerCommands(parts: Parts): vscode.Disposable {
  const registered = commands.map((command) =>
    vscode.commands.registerCommand(command.id, (argument: unknown) =>
      run(parts, command, argument),
    ),
  );
  return vscode.Disposable.from(...registered);
}

/** Whether the command did what it is for; what went wrong was said. */
async function run(parts: Parts, command: Command, argument: unknown): Promise<boolean> {
  const { models, log } = parts;
  const { generation } = models;
  const failed = models.state.kind === 'failed';
  try {
    await command.run(parts, argument);
    return true;
  } catch (error) {
    if (isAbort(error)) {
      // Without another model it was the person who cancelled.
      if (generation === models.generation) return false;
      const text = `Circuitscope: ${t('the model has changed, so nothing was done. Run the command again.')}`;
      void toast(parts, { kind: 'Warning', text });
    } else if (error instanceof ModelUnavailable) {
      // A failure that is new has a message of its own already.
      if (failed) void reportFailure(models, log, error.message);
    } else {
      log.error(`${command.id}: ${oneLine(error)}`);
      const text = `Circuitscope: ${oneLine(error)}`;
      void toast(parts, { kind: 'Error', text });
    }
  }
  return false;
}
