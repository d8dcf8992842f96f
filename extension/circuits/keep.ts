/** Keeps a circuit that was found, and shows it. */
import { t } from '../../shared/l10n';
import * as vscode from 'vscode';
import { circuitText, type Circuit } from '../../models/circuits/file/circuitFile';
import { pruneInWorker } from '../../models/circuits/inWorker';
import { DEFAULT_SETTINGS, SEARCH_PAIRS } from '../../models/circuits/defaults';
import { fileName } from '../../models/keptFiles';
import { exists, keptFolder, writeKept } from '../kept';
import { circuitSize, type KnownCircuit } from './known';
import type { CircuitJobs } from './jobs';
import { showCircuit, type ShowParts } from './show';
import { toast, type Said } from '../toast';

/** What finds a circuit, keeps it and shows it. */
export interface FindParts extends ShowParts, Said {
  readonly circuitJobs: CircuitJobs;
}

/** Pairs to find a circuit for. */
interface WantedPairs {
  /** What the circuit is called. */
  readonly name: string;
  /** JSON lines. */
  readonly text: string;
  /** What errors call them. */
  readonly where: string;
  /** Uri of the document that they are from: the circuit is kept in its folder. */
  readonly from: string;
}

/**
 * Prunes the model in use for some pairs, keeps what is found, and lets it color the file.
 * @param judged what is to be said of how the circuit was judged
 */
export async function findAndShow(
  parts: FindParts,
  wanted: WantedPairs,
  judged: string,
): Promise<void> {
  const { circuits, circuitJobs } = parts;
  const { text, where } = wanted;
  // Before the search: by its end another file may be in front.
  const folder = keptFolder('circuits', wanted.from);
  const name = await freeName(wanted.name, folder);
  const pairs = { name: `${name}.jsonl`, text, where };
  const dir = circuits.bundleDir();
  const options = {
    settings: DEFAULT_SETTINGS,
    ablation: 'mean',
    pairs: SEARCH_PAIRS,
  } as const;
  const circuit = await circuitJobs.run(t('finding the circuit {0}', name), (job) =>
    pruneInWorker({ bundleDir: dir, pairs, options }, job),
  );
  const known: KnownCircuit = {
    name,
    origin: 'found',
    where: `${name}.json`,
    circuit,
    beside: (file) => Promise.resolve(file === pairs.name ? text : null),
  };
  circuits.add(known);
  const { file, said } = await keep(folder, name, circuit, text);
  await showCircuit(parts, { ...known, ...(file && { file }) });
  void toast(parts, {
    kind: 'Information',
    // That it is nowhere to be found again is no detail.
    text: [t('Circuit {0}: {1}.', name, circuitSize(circuit)), ...(file ? [] : [said])].join(' '),
    more: file ? `${judged} ${said}` : judged,
    actions: [VERIFY, NODES, ...(file ? [OPEN] : [])],
  }).then(async (answer) => {
    if (answer === VERIFY)
      await vscode.commands.executeCommand('circuitscope.verifyCircuit', {
        ...{ circuit: name, origin: known.origin, model: circuit.bundle.hash },
      });
    if (answer === NODES) await vscode.commands.executeCommand('circuitscope.circuitNodes');
    if (answer === OPEN && file) await vscode.window.showTextDocument(file);
  });
}

const VERIFY = t('Verify');
const NODES = t('Show Nodes');
const OPEN = t('Open File');

/** Writes circuit and pairs where that is allowed, and says what became of it. */
async function keep(
  folder: vscode.Uri | undefined,
  name: string,
  circuit: Circuit,
  pairs: string,
): Promise<{ readonly file: vscode.Uri | null; readonly said: string }> {
  if (!folder) return { file: null, said: t('Nothing was written, because no folder is open.') };
  if (!vscode.workspace.isTrusted) {
    return { file: null, said: t('Nothing was written, because the workspace is not trusted.') };
  }
  const file = vscode.Uri.joinPath(folder, `${name}.json`);
  await writeKept(vscode.Uri.joinPath(folder, `${name}.jsonl`), pairs);
  await writeKept(file, circuitText(circuit));
  return { file, said: t('Saved in {0}.', vscode.workspace.asRelativePath(file)) };
}

/** The name, with a number where a folder has a circuit of that name. */
async function freeName(wanted: string, folder: vscode.Uri | undefined): Promise<string> {
  const base = fileName(wanted).replace(/\.json$/, '');
  if (!folder) return base;
  for (let count = 1; ; count++) {
    const name = count === 1 ? base : `${base}-${count}`;
    if (!(await exists(vscode.Uri.joinPath(folder, `${name}.json`)))) return name;
  }
}
