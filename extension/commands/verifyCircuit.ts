/** Proves or refutes a circuit, and shows the verdict beside the text. */
import { t } from '../../shared/l10n';
import { DEFAULT_PROOF } from '../../models/circuits/defaults';
import { proveInWorker } from '../../models/circuits/inWorker';
import { isProvable, renewal } from '../../models/circuits/file/oldCircuit';
import { judge } from '../../models/circuits/file/criteria';
import { idOf, pairsOf } from '../circuits/known';
import { proofMarkdown } from '../circuits/proof';
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
    const options = { ...DEFAULT_PROOF, circuit: known.circuit };
    const bundleDir = circuits.bundleDir();
    const proof = await circuitJobs.run(t('verifying the circuit {0}', known.name), (job) =>
      proveInWorker({ bundleDir, pairs, options }, job),
    );
    circuits.judge(idOf(known), judge([proof, ...known.circuit.repeats]).passes);
    await pages.show(t('Proof of {0}', known.name), proofMarkdown(known, proof));
  },
};
