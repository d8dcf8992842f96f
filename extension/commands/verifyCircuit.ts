/** Proves or refutes a circuit, and shows the verdict beside the text. */
import { DEFAULT_PROOF } from '../../models/circuits/defaults';
import { proveInWorker } from '../../models/circuits/inWorker';
import { renewal } from '../../models/circuits/oldCircuit';
import { pairsOf, type KnownCircuit } from '../circuits/known';
import { proofMarkdown } from '../circuits/proof';
import { pickCircuit } from '../circuits/show';
import type { App, Command } from './command';

export const verifyCircuit: Command = {
  id: 'circuitscope.verifyCircuit',
  async run(app, argument) {
    const known = shownAs(app, argument) ?? (await pickCircuit(app, 'Verify a circuit'));
    if (!known) return;
    const pairs = await pairsOf(known);
    if (!known.circuit.search) throw renewal(known.circuit, known.where);
    const options = { ...DEFAULT_PROOF, circuit: known.circuit };
    const bundleDir = app.circuits.bundleDir();
    const proof = await app.circuitJobs.run(`verifying the circuit ${known.name}`, (job) =>
      proveInWorker({ bundleDir, pairs, options }, job),
    );
    await app.proofs.show(known.name, proofMarkdown(known, proof));
  },
};

/** The circuit that is shown, if a message names it. */
function shownAs({ circuits }: App, name: unknown): KnownCircuit | undefined {
  return circuits.shown?.name === name ? circuits.shown! : undefined;
}
