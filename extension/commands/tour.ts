/** The walkthrough: each step opens the sample that is shipped, goes to the right place and runs a command. */
import * as v from 'valibot';
import * as vscode from 'vscode';
import { abortError } from '../cancel';
import { exists } from '../kept';
import type { Command, Needs } from './command';

/** The shipped circuit that the tour lights up, and the place in the sample where it decides. */
const CIRCUIT = { circuit: 'if_ternary', origin: 'shipped' } as const;
const PLACE = new vscode.Position(3, 14);

const STEPS = ['open', 'hover', 'circuit', 'ablate', 'panel', 'explain', 'heat', 'find'] as const;
type Step = (typeof STEPS)[number];
const StepSchema = v.object({ step: v.picklist(STEPS) });

/** What a step does when the sample is open and the cursor is at its place. */
const DOES: Record<Step, (() => Promise<unknown>) | null> = {
  open: null,
  hover: () => run('inspectToken'),
  circuit: async () => {
    await makeRoom();
    await run('showTaskCircuit', CIRCUIT);
  },
  ablate: async () => {
    await run('ablateCircuit', CIRCUIT);
    await run('inspectToken');
  },
  panel: async () => {
    await makeRoom();
    await run('openCircuit');
  },
  explain: () => run('explainCircuit', CIRCUIT),
  heat: () => run('toggleHeatMap'),
  find: () => run('findCircuit'),
};

export const tour: Command = {
  id: 'circuitscope.tour',
  async run({ extension, hovers }: Needs<'extension' | 'hovers'>, argument) {
    const asked = v.safeParse(StepSchema, argument);
    const step = asked.success ? asked.output.step : 'open';
    await openSample(extension);
    // What an earlier step said would stay, since the walkthrough and not the text was clicked.
    await hovers.hide();
    await DOES[step]?.();
    await vscode.commands.executeCommand('setContext', `circuitscope.tour.${step}`, true);
  },
};

export const openWalkthrough: Command = {
  id: 'circuitscope.openWalkthrough',
  async run({ extension }) {
    await vscode.commands.executeCommand(
      'workbench.action.openWalkthrough',
      `${extension.id}#start`,
      false,
    );
  },
};

/**
 * Runs a command of ours.
 * @throws when it failed, which it said itself
 */
async function run(name: string, argument?: object): Promise<void> {
  const worked = await vscode.commands.executeCommand<boolean>(`circuitscope.${name}`, argument);
  if (!worked) throw abortError();
}

/** The walkthrough at the left; at the right the sample, and room for a panel below it. */
const LAYOUT = {
  orientation: 0,
  groups: [{ size: 0.34 }, { size: 0.66, groups: [{ size: 0.34 }, { size: 0.66 }] }],
};

/** Makes room for a panel: a third column would leave none of the three enough. */
async function makeRoom(): Promise<void> {
  if (vscode.window.tabGroups.all.length !== 2) return;
  await vscode.commands.executeCommand('vscode.setEditorLayout', LAYOUT);
}

/** Opens a copy of the sample, which may be edited, beside the walkthrough. */
async function openSample({ folder, storage }: Needs<'extension'>['extension']): Promise<void> {
  const file = vscode.Uri.joinPath(storage, 'first_look.py');
  if (!(await exists(file))) {
    const sample = vscode.Uri.joinPath(folder, 'media', 'sample', 'first_look.py');
    await vscode.workspace.fs.createDirectory(storage);
    await vscode.workspace.fs.copy(sample, file);
  }
  const open = vscode.window.visibleTextEditors.find(
    ({ document }) => document.uri.toString() === file.toString(),
  );
  const editor = await vscode.window.showTextDocument(file, {
    viewColumn: open?.viewColumn ?? vscode.ViewColumn.Beside,
    preview: false,
  });
  editor.selection = new vscode.Selection(PLACE, PLACE);
}
