/** Keeps a circuit that was found, opens it and lets it color the file. */
import * as vscode from 'vscode';
import { circuitText, type Circuit } from '../../models/circuits/circuitFile';
import { pruneInWorker } from '../../models/circuits/inWorker';
import { DEFAULT_SETTINGS, TRAIN_PAIRS } from '../../models/circuits/defaults';
import type { App } from '../commands/command';
import { fileName } from '../interventions/json';
import { exists, keptFolder, writeKept } from '../kept';
import { sizeText, type KnownCircuit } from './known';
import { showCircuit } from './show';

/** Pairs to find a circuit for. */
interface WantedPairs {
  /** What the circuit is called. */
  readonly name: string;
  /** JSON lines. */
  readonly text: string;
  /** What errors call them. */
  readonly where: string;
}

/**
 * Prunes the model in use for some pairs, keeps what is found, opens it and lets it color the file.
 * @param judged what is to be said of how the circuit was judged
 */
export async function findAndShow(app: App, wanted: WantedPairs, judged: string): Promise<void> {
  const { text, where } = wanted;
  const name = await freeName(wanted.name);
  const pairs = { name: `${name}.jsonl`, text, where };
  const dir = app.circuits.bundleDir();
  const options = {
    settings: DEFAULT_SETTINGS,
    ablation: 'mean',
    trainPairs: TRAIN_PAIRS,
  } as const;
  const circuit = await app.circuitJobs.run(`finding the circuit ${name}`, (job) =>
    pruneInWorker({ bundleDir: dir, pairs, options }, job),
  );
  const known: KnownCircuit = {
    name,
    origin: 'found just now',
    where: `${name}.json`,
    circuit,
    beside: (file) => Promise.resolve(file === pairs.name ? text : null),
  };
  app.circuits.add(known);
  const kept = await keep(name, circuit, text);
  await showCircuit(app, known);
  const message = `Circuit ${name}: ${sizeText(circuit)}. ${judged} ${kept}`;
  void vscode.window.showInformationMessage(message, VERIFY, NODES).then(async (answer) => {
    if (answer === VERIFY) await vscode.commands.executeCommand('circuitscope.verifyCircuit', name);
    if (answer === NODES) await vscode.commands.executeCommand('circuitscope.circuitNodes');
  });
}

const VERIFY = 'Verify';
const NODES = 'Show Nodes';

/** Writes circuit and pairs where that is allowed, opens the circuit, and says what became of it. */
async function keep(name: string, circuit: Circuit, pairs: string): Promise<string> {
  const content = circuitText(circuit);
  const folder = keptFolder('circuits');
  if (folder && vscode.workspace.isTrusted) {
    const file = vscode.Uri.joinPath(folder, `${name}.json`);
    await writeKept(vscode.Uri.joinPath(folder, `${name}.jsonl`), pairs);
    await writeKept(file, content);
    await openBeside(await vscode.workspace.openTextDocument(file));
    return `Kept in ${vscode.workspace.asRelativePath(file)}.`;
  }
  await openBeside(await vscode.workspace.openTextDocument({ language: 'json', content }));
  return folder
    ? 'Nothing was written, because the workspace is not trusted.'
    : 'Nothing was written, because no folder is open.';
}

/** Opens a document beside the text and leaves the cursor where it is. */
export async function openBeside(document: vscode.TextDocument): Promise<void> {
  const viewColumn = vscode.ViewColumn.Beside;
  await vscode.window.showTextDocument(document, {
    viewColumn,
    preserveFocus: true,
    preview: false,
  });
}

/** The name, with a number where the workspace keeps a circuit of that name. */
async function freeName(wanted: string): Promise<string> {
  const base = fileName(wanted).replace(/\.json$/, '');
  const folder = keptFolder('circuits');
  if (!folder) return base;
  for (let count = 1; ; count++) {
    const name = count === 1 ? base : `${base}-${count}`;
    if (!(await exists(vscode.Uri.joinPath(folder, `${name}.json`)))) return name;
  }
}
