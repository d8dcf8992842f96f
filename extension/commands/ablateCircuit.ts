/** Ablates the circuit that is shown, or everything else, in the place of the present ablations. */
import * as vscode from 'vscode';
import { experiment, type Question } from '../circuits/experiment';
import { checkFits } from '../circuits/known';
import { modelInfo, pickCircuit } from '../circuits/show';
import type { App, Command } from './command';

export const ablateCircuit: Command = {
  id: 'circuitscope.ablateCircuit',
  run: (app) => ablate(app, 'necessary'),
};

export const ablateAllButCircuit: Command = {
  id: 'circuitscope.ablateAllButCircuit',
  run: (app) => ablate(app, 'sufficient'),
};

async function ablate(app: App, question: Question): Promise<void> {
  const known = app.circuits.shown ?? (await pickCircuit(app, TITLES[question]));
  if (!known) return;
  const info = await modelInfo(app);
  checkFits(known, info);
  const { store } = app;
  const before = store.state;
  const set = experiment(known, question, info.config);
  store.replace(set);
  const count = set.entries.reduce((sum, { intervention }) => sum + intervention.nodes.length, 0);
  const done = `${set.name}: ${count} nodes at their ${known.circuit.ablation} at every token. Hovers show the prediction before and after.`;
  if ((await vscode.window.showInformationMessage(done, 'Undo')) === 'Undo') store.replace(before);
}

const TITLES: Record<Question, string> = {
  necessary: 'Ablate which circuit?',
  sufficient: 'Ablate all but which circuit?',
};
