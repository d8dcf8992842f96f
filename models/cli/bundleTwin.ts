/** `circuitscope bundle twin`: records in a model's card how its dense twin's losses compare. */
import { addToCard, readBundle, type Bundle } from '../bundles/bundle';

/** What the card says about the twin; losses in nats/token over the same held-out windows. */
export interface TwinReport {
  readonly name: string;
  readonly hash: string;
  readonly heldOutOrdinary: number;
  readonly heldOutIdioms: number;
  /** Loss of the twin minus that of the model. */
  readonly difference: { readonly ordinary: number; readonly idioms: number };
}

/** Writes into a bundle's card how the losses of another model compare. */
export function writeTwin(dir: string, twinDir: string): TwinReport {
  const [model, twin] = [dir, twinDir].map((one) => readBundle(one));
  const [own, other] = [model, twin].map(lossesOf);
  const report = {
    ...{ name: twin.name, hash: twin.hash, ...other },
    difference: {
      ordinary: other.heldOutOrdinary - own.heldOutOrdinary,
      idioms: other.heldOutIdioms - own.heldOutIdioms,
    },
  };
  addToCard(dir, { denseTwin: report });
  return report;
}

function lossesOf({ dir, card }: Bundle) {
  const losses = (card.natsPerToken ?? {}) as Record<string, unknown>;
  const { heldOutOrdinary, heldOutIdioms } = losses;
  if (typeof heldOutOrdinary === 'number' && typeof heldOutIdioms === 'number') {
    return { heldOutOrdinary, heldOutIdioms };
  }
  throw new Error(`${dir}: its card has no held-out losses; use a bundle that train made`);
}
