/**
 * Proves or refutes a circuit on a page beside the text, which fills as results come. The proof is kept in the
 * circuit's file where the workspace keeps one, else for as long as the window is open.
 */
import { t } from '../../shared/l10n';
import * as vscode from 'vscode';
import { DEFAULT_PROOF } from '../../models/circuits/defaults';
import { circuitText } from '../../models/circuits/file/circuitFile';
import { isProvable, renewal } from '../../models/circuits/file/oldCircuit';
import { proveInWorker } from '../../models/circuits/inWorker';
import { isAbort } from '../cancel';
import { pairsOf } from '../circuits/known';
import { proofMarkdown, type Making } from '../circuits/proof';
import { isLeftOut, withProof } from '../circuits/withProof';
import { writeKept } from '../kept';
import { circuitOf } from './circuitOf';
import type { Command, Needs } from './command';

export const verifyCircuit: Command = {
  id: 'circuitscope.verifyCircuit',
  async run(
    {
      models,
      circuits,
      circuitJobs,
      pages,
    }: Needs<'models' | 'circuits' | 'circuitJobs' | 'pages'>,
    argument,
  ) {
    const known = await circuitOf({ models, circuits }, argument, t('Verify a circuit'), false);
    if (!known) return;
    const pairs = await pairsOf(known);
    if (!isProvable(known.circuit)) throw renewal(known.circuit, known.where);
    const { seed } = DEFAULT_PROOF;
    const options = { ...DEFAULT_PROOF, circuit: known.circuit };
    const bundleDir = circuits.bundleDir();
    const title = t('Proof of {0}', known.name);
    let making: Making = { seed, proof: null, state: 'under way', file: null };
    const tell = (change: Partial<Making>) => {
      making = { ...making, ...change };
      pages.fill(title, proofMarkdown(known, making));
    };
    const proof = await circuitJobs.run(t('verifying the circuit {0}', known.name), async (job) => {
      await pages.show(title, proofMarkdown(known, making));
      try {
        return await proveInWorker({ bundleDir, pairs, options }, job, (part) => {
          tell({ proof: part });
        });
      } catch (error) {
        tell({ state: isAbort(error) ? 'cancelled' : 'failed' });
        throw error;
      }
    });
    tell({ proof, state: 'complete' });
    if (isLeftOut(known.circuit, proof)) return;
    const proven = { ...known, circuit: withProof(known.circuit, proof) };
    circuits.prove(proven, false);
    const { file } = known;
    if (!file || !vscode.workspace.isTrusted) return;
    await writeKept(file, circuitText(proven.circuit));
    circuits.prove(proven, true);
    tell({ file: vscode.workspace.asRelativePath(file) });
  },
};
