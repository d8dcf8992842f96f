/** The verdict on a circuit, from its losses, in words. */

/** Cross-entropy between the two answers, nats; chance is ln 2 = 0.693. */
export interface Losses {
  /** The whole model, as it is. */
  readonly full: number;
  /** The circuit alone, with the calibration of its file. */
  readonly circuit: number;
  /** The whole model without the circuit, otherwise as it is. */
  readonly removed: number;
  /** As many random nodes at the same sites, calibrated afresh; median of several sets. */
  readonly random: number;
  /** The same search on random labels: the loss on the prompts that it was fitted to. */
  readonly shuffled_labels: number;
  /** The same search in a random-weight model of the same sparsity, on test prompts. */
  readonly random_model: number;
}

export interface Verdict {
  /** The circuit alone keeps the target. */
  readonly sufficient: boolean;
  /** Without it the task is lost. */
  readonly necessary: boolean;
  /** Where there is nothing to find, the same number of nodes does clearly worse. */
  readonly controls: boolean;
  /** The task needs a circuit: with every node closed, the last token alone does not decide it. */
  readonly needed: boolean;
  /** All of the four. */
  readonly passes: boolean;
  readonly verdict: string;
}

/** A loss without the circuit must be this many times the circuit's, and above this many nats. */
const NECESSARY = { times: 3, above: 0.5 };
/** The same for the null controls. */
const CLEARLY_WORSE = { times: 2, above: 0.3 };

/**
 * Judges a circuit against its target loss (nats).
 * @param empty loss with every node closed, calibrated afresh
 */
export function judge(
  loss: Losses,
  target: number,
  { interchange, empty }: { interchange: number; empty: number },
): Verdict {
  const exceeds = (value: number, { times, above }: typeof NECESSARY) =>
    value >= times * loss.circuit && value > above;
  const sufficient = loss.circuit <= target;
  const necessary = exceeds(loss.removed, NECESSARY);
  const weak = (['random', 'shuffled_labels', 'random_model'] as const).filter(
    (name) => !exceeds(loss[name], CLEARLY_WORSE),
  );
  const controls = weak.length === 0;
  const needed = empty > target;
  const passes = sufficient && necessary && controls && needed;
  const faults = [
    ...(needed
      ? []
      : [
          `the task needs no circuit, since the last token alone decides it: loss ${show(empty)} with every node closed`,
        ]),
    ...(sufficient
      ? []
      : [`it is not sufficient: loss ${show(loss.circuit)}, target ${show(target)}`]),
    ...(necessary ? [] : [`it is not necessary: loss ${show(loss.removed)} without it`]),
    ...weak.map((name) => `${NAMES[name]} do about as well: loss ${show(loss[name])}`),
  ];
  const follows = `the answer follows it in ${Math.round(100 * interchange)} % of swaps`;
  const verdict = passes
    ? `The circuit is sufficient and necessary, null controls are clearly worse, and ${follows}.`
    : `The circuit FAILS: ${faults.join('; ')}; ${follows}.`;
  return { sufficient, necessary, controls, needed, passes, verdict };
}

const NAMES = {
  random: 'random nodes',
  shuffled_labels: 'nodes fitted to random labels',
  random_model: 'nodes of a random model',
};

function show(loss: number): string {
  return loss.toFixed(3);
}
