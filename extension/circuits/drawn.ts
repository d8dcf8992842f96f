/** A known circuit as the panel draws it. */
import { t } from '../../shared/l10n';
import { edgeCount, proofsOf, type Circuit } from '../../models/circuits/file/circuitFile';
import { isProvable } from '../../models/circuits/file/oldCircuit';
import { GROUPS, judge } from '../../models/circuits/file/criteria';
import { GROUP_NAMES } from './groups';
import { oneLine } from '../../models/oneLine';
import { sourceOf } from '../../models/tasks/source';
import type { DrawnCircuit, ExamplePrompt } from '../panel/drawn';
import { ORIGINS, pairsOf, type KnownCircuit } from './known';

/** Pairs of which people see both prompts. */
const PAIRS = 4;

/** The circuit with its prompts; without them where its pairs are not found. */
export async function drawnOf(known: KnownCircuit): Promise<DrawnCircuit> {
  const { name, origin, circuit } = known;
  const { core, backups, edges, ablation, bundle } = circuit;
  const { description, prompts } = await examplesOf(known);
  return {
    ...{ name, origin, model: bundle.hash, core, backups, edges, ablation, prompts },
    edgeCount: edgeCount(circuit),
    description: description ?? ORIGINS[origin],
    facts: factsOf(circuit),
  };
}

function lossesOf({ search, published }: Circuit): [string, string][] {
  const nats = (value: number) => t('{0} nats', value.toFixed(3));
  if (search) {
    return [
      [t('loss of the core'), nats(search.loss.core)],
      [t('loss of the model'), nats(search.loss.full)],
    ];
  }
  if (!published) return [];
  return [
    [t('published by'), published.project],
    [t('published loss'), nats(published.loss.circuit)],
    [t('published loss of the model'), nats(published.loss.model)],
  ];
}

/** Loss on the prompts that nodes were selected by, and what its proof says, group by group. */
function factsOf(circuit: Circuit): [string, string][] {
  const proofs = proofsOf(circuit);
  const losses = lossesOf(circuit);
  if (proofs.length === 0) {
    const state = isProvable(circuit) ? t('none yet; verify it') : t('none (older format)');
    return [...losses, [t('proof'), state]];
  }
  const { groups } = judge(proofs);
  return [
    ...losses,
    ...GROUPS.map((group): [string, string] => [GROUP_NAMES[group], groups[group] ? '✓' : '✗']),
  ];
}

async function examplesOf(
  known: KnownCircuit,
): Promise<{ readonly description: string | null; readonly prompts: readonly ExamplePrompt[] }> {
  try {
    const source = sourceOf(await pairsOf(known));
    const prompts = source.pairs(1, PAIRS, 'all').flatMap(({ pair: { a, b } }) => [
      { prompt: a.prompt, answer: a.answer, other: b.answer },
      { prompt: b.prompt, answer: b.answer, other: a.answer },
    ]);
    return { description: source.description, prompts };
  } catch (error) {
    return { description: t('No prompts: {0}', oneLine(error)), prompts: [] };
  }
}
