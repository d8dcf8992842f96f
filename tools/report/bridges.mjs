// @ts-check
/** What bridges to a dense model are worth, and what steering over them does: figures and words. */
import { existsSync } from 'node:fs';
import * as v from 'valibot';
import { lineChart } from '../../models/charts.mjs';
import { checked, CircuitSchema } from './data.mjs';
import { code, number, percent, table } from './markdown.mjs';

const PlacesSchema = v.object({
  windows: v.number(),
  denseLoss: v.number(),
  sparseLoss: v.number(),
  places: v.array(
    v.object({
      ...{ place: v.string(), encoderExplains: v.number(), decoderExplains: v.number() },
      ...{ denseToSparse: v.number(), sparseToDense: v.number() },
    }),
  ),
});

const OutcomeSchema = v.object({
  ...{ name: v.string(), mean: v.array(v.number()), nats: v.array(v.number()) },
  success: v.array(v.number()),
});

/** A token as it stands in a file, null for a part of a character, and as it is shown. */
const TokenSchema = v.object({ text: v.nullable(v.string()), shown: v.string() });

const SteeringSchema = v.object({
  ...{ task: v.string(), given: v.picklist(['a', 'b']), strengths: v.array(v.number()) },
  prompts: v.object({ selection: v.number(), proof: v.number() }),
  /** Whether the node was chosen; else it was given. */
  chosen: v.boolean(),
  leftOut: v.object({ unaligned: v.number(), unsolved: v.number() }),
  ceiling: v.number(),
  ...{ node: OutcomeSchema, nextRead: OutcomeSchema, direct: OutcomeSchema },
  ...{ denseNode: OutcomeSchema, meanDifference: OutcomeSchema, whole: OutcomeSchema },
  together: v.array(v.object({ ...OutcomeSchema.entries, nodes: v.number() })),
  randomNodes: v.array(v.object({ ...OutcomeSchema.entries, size: v.number() })),
  randomDirections: v.array(OutcomeSchema),
  failures: v.object({
    count: v.number(),
    first: v.array(
      v.object({
        ...{ prompt: v.string(), wanted: TokenSchema, probability: v.number() },
        predicted: TokenSchema,
      }),
    ),
  }),
});

/** A circuit of the bridged model, and what the dense one answers with it ablated through the bridges. */
const AblatedSchema = v.object({
  ...{ pairs: v.number(), unaligned: v.number() },
  answers: v.array(
    v.object({
      ...{ ablated: v.string(), nodes: v.number(), accuracy: v.number() },
      ...{ pairOrder: v.number(), loss: v.number() },
      /** Nodes that cannot act. */
      unread: v.number(),
      /** Of the dense model's reads, their own being 1. */
      change: v.number(),
    }),
  ),
});

const BridgedSchema = v.object({
  bundle: v.object({ name: v.string(), hash: v.string() }),
  dense: v.string(),
  /** Of the whole training, and of the bridged part. */
  tokens: v.object({ all: v.number(), bridged: v.number() }),
  training: v.object({ seed: v.number(), learningRate: v.number() }),
  natsPerToken: v.object({ heldOutOrdinary: v.number(), heldOutIdioms: v.number() }),
  tables: v.object({ ordinary: PlacesSchema, idioms: PlacesSchema }),
  steering: v.array(SteeringSchema),
  circuits: v.array(v.object({ ...CircuitSchema.entries, ablated: AblatedSchema })),
});

/** @typedef {v.InferOutput<typeof BridgedSchema>} Bridged */
/** @typedef {v.InferOutput<typeof SteeringSchema>} Steering */
/** @typedef {v.InferOutput<typeof OutcomeSchema>} Outcome */
/** @typedef {(name: string, words: string) => string[]} Figure */

/** Loss (nats) over the dense model's own within which a hybrid pass counts as good. */
const GOOD = 0.15;
/** Failures that are shown of a demonstration. */
const FAILURES = 4;
/** Characters of a prompt that are shown of one. */
const PROMPT_END = 60;

/**
 * What was measured of a bridged model; null where none was.
 * @param {string} file
 * @returns {Bridged | null}
 */
export function readBridged(file) {
  return existsSync(file) ? checked(BridgedSchema, file) : null;
}

/** @param {Bridged} bridged @returns {Map<string, string>} figures by file name */
export function bridgeFigures({ steering }) {
  return new Map(steering.map((one) => [figureName(one), steeringFigure(one)]));
}

/** @param {Pick<Steering, 'task' | 'given'>} steering */
const figureName = ({ task, given }) => `steering-${task}-${given}.svg`;

/** @param {Steering} steering */
function steeringFigure(steering) {
  const { task, given, strengths, node, direct, denseNode, whole, ceiling } = steering;
  const points = (/** @type {number[]} */ values) =>
    values.map((value, i) => /** @type {[number, number]} */ ([strengths[i], 100 * value]));
  const best = (/** @type {Outcome[]} */ outcomes) =>
    strengths.map((_, i) => Math.max(...outcomes.map(({ mean }) => mean[i])));
  const random = /** @type {const} */ ([
    ['best of the random nodes', 'grey', steering.randomNodes],
    ['best of the random directions', 'pink', steering.randomDirections],
  ]);
  return lineChart({
    title: `Steering the dense model over the bridge: ${task}, prompts of kind ${given}`,
    x: 'strength',
    y: 'mean probability of the wanted answer, or share of prompts turned (%)',
    series: [
      { name: node.name, colour: 'blue', points: points(node.mean) },
      {
        ...{ name: `${node.name}: prompts turned`, colour: 'blue', mark: 'ring' },
        points: points(node.success),
      },
      {
        ...{ name: 'the same after the last layer', colour: 'sky', mark: 'ring' },
        points: points(direct.mean),
      },
      { name: `dense ${denseNode.name}`, colour: 'orange', points: points(denseNode.mean) },
      { name: 'the whole stream there', colour: 'green', points: points(whole.mean) },
      ...random.flatMap(([name, colour, outcomes]) =>
        outcomes.length > 0 ? [{ name, colour, points: points(best(outcomes)) }] : [],
      ),
    ],
    line: { value: 100 * ceiling, name: 'in the other text itself' },
  });
}

/** @param {number[]} values */
const last = (values) => values.at(-1) ?? 0;

/**
 * @param {Bridged} bridged
 * @param {Figure} figure
 */
export function bridgesPart(bridged, figure) {
  const { bundle, dense, tokens, natsPerToken, tables, steering, circuits } = bridged;
  const million = (/** @type {number} */ count) => (count / 1e6).toFixed(1);
  return [
    '## Bridges',
    '',
    `${code([bundle.name])} \`${bundle.hash.slice(0, 12)}\` is \`python-sparse\` trained on beside \`${dense}\` for ${million(tokens.bridged)} of its ${million(tokens.all)} million tokens. Alone it has ${number(natsPerToken.heldOutOrdinary)} nats/token on ordinary Python and ${number(natsPerToken.heldOutIdioms)} on generated programs.`,
    '',
    ...placesText(tables),
    '### Steering',
    '',
    `One node of the sparse model${steering.every(({ chosen }) => chosen) ? ', chosen on other prompts,' : ''} turns the dense model from the answer of a prompt to that of its pair. Beside it: the best nodes of its site together, ranked on the same other prompts; the same change added to the next read alone instead of the stream, as in Gao et al.; the same after the last layer, where no sublayer reads it; the best of eight random nodes of its site whose changes are at least half as large (where there are fewer, the largest); the best of eight random directions of the same length at every token; the dense model's own channel or neuron that does best, and the mean difference of its residual stream at the last token, both chosen on the same prompts by the same rule; and the sparse model's whole stream at the node's place, in which the tokens' embeddings are included. The best of several is taken column by column. Prompts are those of the task whose both sides the dense model solves with more than half of the probability.`,
    '',
    ...steering.flatMap((one) => steeringText(one, figure)),
    ...circuitsText(circuits, dense),
  ];
}

/** @param {Bridged['tables']} tables */
function placesText(tables) {
  const { ordinary, idioms } = tables;
  const rows = ordinary.places.map((own, i) => {
    const other = idioms.places[i];
    return [
      own.place,
      ...[percent(own.encoderExplains), percent(own.decoderExplains)],
      ...[own.denseToSparse, own.sparseToDense].map(number),
      ...[other.denseToSparse, other.sparseToDense].map(number),
    ];
  });
  const all = [ordinary, idioms].flatMap(({ places }) =>
    places.flatMap(({ denseToSparse, sparseToDense }) => [denseToSparse, sparseToDense]),
  );
  const good = all.filter((loss) => loss <= GOOD).length;
  return [
    `By place of the residual stream: the share of the variance that each bridge explains on ordinary Python, and the loss of the passes over it less the dense model's own (nats/token, ${ordinary.windows} windows). ${good} of ${all.length} are within ${GOOD} nats of the dense model.`,
    '',
    ...table([
      [
        'place',
        'encoder',
        'decoder',
        'dense to sparse',
        'sparse to dense',
        'generated: dense to sparse',
        'sparse to dense',
      ],
      ...rows,
    ]),
  ];
}

/**
 * @param {Steering} steering
 * @param {Figure} figure
 */
function steeringText(steering, figure) {
  const { task, given, prompts, chosen, leftOut, strengths, failures, node } = steering;
  const { randomNodes, randomDirections } = steering;
  const nats = (/** @type {number} */ x) => x.toFixed(2);
  const rows = strengths.map((strength, i) => [
    ...[strength, percent(node.success[i]), percent(node.mean[i]), nats(node.nats[i])],
  ]);
  /** The largest of several at full strength, column by column. */
  const control = (/** @type {string} */ name, /** @type {Outcome[]} */ outcomes) => {
    const best = (/** @type {'success' | 'mean' | 'nats'} */ of) =>
      Math.max(...outcomes.map((one) => last(one[of])));
    if (outcomes.length === 0) return [name, '', '', ''];
    return [name, percent(best('success')), percent(best('mean')), nats(best('nats'))];
  };
  const sizes = randomNodes.map(({ size }) => size);
  const shown = failures.first.slice(0, FAILURES);
  const quoted = (/** @type {string} */ text) =>
    `\`${JSON.stringify(text).replaceAll('|', '\\|')}\``;
  const token = (/** @type {v.InferOutput<typeof TokenSchema>} */ { text, shown }) =>
    quoted(text ?? shown);
  return [
    `#### ${task}, prompts of kind ${given}`,
    '',
    `${prompts.proof} prompts, by ${code([node.name])}, ${chosen ? `chosen on ${prompts.selection} others` : 'which was given'}; ${leftOut.unsolved} pairs were left out because the dense model does not solve them. A prompt is turned when the wanted answer has more than half of the probability; in the other prompts themselves it has ${percent(steering.ceiling)} on average.`,
    '',
    ...figure(
      figureName(steering),
      `Probability of the wanted answer over strengths, ${task}, prompts of kind ${given}`,
    ),
    ...table([['strength', 'turned', 'mean probability', 'mean log-probability (nats)'], ...rows]),
    ...table([
      ['at full strength', 'turned', 'mean probability', 'mean log-probability (nats)'],
      control('the node', [node]),
      ...steering.together.map((one) =>
        control(`best ${one.nodes} nodes of its site together`, [one]),
      ),
      control('added to the next read alone', [steering.nextRead]),
      control('added after the last layer', [steering.direct]),
      control(
        `best of ${randomNodes.length} random nodes${sizes.length > 0 ? `, ${percent(Math.min(...sizes))} to ${percent(Math.max(...sizes))} as large` : ''}`,
        randomNodes,
      ),
      control(`best of ${randomDirections.length} random directions`, randomDirections),
      control(`dense model's own ${code([steering.denseNode.name])}`, [steering.denseNode]),
      control(`dense model's ${steering.meanDifference.name}`, [steering.meanDifference]),
      control('whole sparse stream there', [steering.whole]),
    ]),
    ...(shown.length > 0
      ? [
          `Of the ${failures.count} that were not turned:`,
          '',
          ...table([
            ['end of the prompt', 'wanted', 'probability', 'likeliest instead'],
            ...shown.map(({ prompt, wanted, probability, predicted }) => [
              quoted(prompt.slice(-PROMPT_END)),
              ...[token(wanted), percent(probability), token(predicted)],
            ]),
          ]),
        ]
      : []),
  ];
}

/** Share of right answers from which the dense model solves a task. */
const SOLVED = 0.95;
/**
 * What counts as failing, as in proofs of circuits (models/circuits/file/criteria.ts): at most so many
 * pairs in order (chance is a half), and at least so much loss between the answers (nats; guessing has 0.693).
 */
export const FAILING = { order: 0.75, loss: 0.6 };

/** @param {Answers} answers */
const isLost = ({ pairOrder, loss }) => pairOrder <= FAILING.order && loss >= FAILING.loss;

/**
 * @param {Bridged['circuits']} circuits
 * @param {string} dense name of the dense model
 */
function circuitsText(circuits, dense) {
  if (circuits.length === 0) return [];
  const answers = circuits.map(({ ablated }) => answersOf(ablated));
  const held = circuits.filter(({ passes }) => passes).length;
  const solved = answers.filter(({ nothing }) => nothing.accuracy >= SOLVED);
  const lost = solved.filter(({ core }) => isLost(core)).length;
  const byRandom = solved.filter(({ random }) => random.some(isLost)).length;
  const right = answers.map(({ nothing }) => nothing.accuracy);
  const total = (/** @type {(core: Answers) => number} */ of) =>
    answers.reduce((sum, { core }) => sum + of(core), 0);
  const changes = (/** @type {'core' | 'random'} */ of) =>
    answers.flatMap(({ core, random }) =>
      (of === 'core' ? [core] : random).map(({ change }) => change),
    );
  const least = (/** @type {'core' | 'random'} */ of) => Math.min(...changes(of));
  const most = (/** @type {'core' | 'random'} */ of) => Math.max(...changes(of));
  const unread = total((core) => core.unread);
  return [
    '### Circuits through the bridges',
    '',
    `${circuits.length} circuits of the bridged model's own, found and proven like those that ship; ${held} hold every criterion. Then the nodes of each are mean-ablated in the sparse model, what that changes of its residual stream goes through the decoders into all reads of ${code([dense])}, and the dense model answers the task's prompts. With nothing ablated it is right in ${percent(Math.min(...right))} to ${percent(Math.max(...right))}, and solves ${solved.length} of ${circuits.length} tasks (at least ${percent(SOLVED)} right). With the core ablated it loses ${lost} of these ${solved.length}: at most ${percent(FAILING.order)} of the pairs in order (chance is 50 %) and a loss of at least ${FAILING.loss} nats (guessing has 0.693), as in proofs. With as many random nodes ablated, which ablation moves about as far in the sparse model, any of five sets, it loses ${byRandom} of them. What the core's ablation changes of the dense model's reads is ${percent(least('core'))} to ${percent(most('core'))} of them (root mean square), and that of the random sets ${percent(least('random'))} to ${percent(most('random'))}.${unread > 0 ? ` ${unread} of the ${total((core) => core.nodes)} nodes of all cores are in the last MLP, whose output no read of the dense model gets, so that they cannot act here.` : ''}`,
    '',
    ...table([
      [
        ...['task', 'core', 'edges', 'proven', 'pairs', 'right, nothing ablated', 'core'],
        ...['in order, nothing ablated', 'core', 'core and backups', 'cut', 'worst random set'],
        ...['loss, nothing ablated', 'core', 'worst random set'],
      ],
      ...circuits.map(({ task, core, edges, passes, ablated }, i) => {
        const { nothing, core: ofCore, both, cut, worst } = answers[i];
        return [
          ...[task, core, edges, passes ? 'yes' : '**no**', ablated.pairs],
          ...[nothing, ofCore].map(({ accuracy }) => percent(accuracy)),
          ...[nothing, ofCore, both, cut, worst].map((one) => (one ? percent(one.pairOrder) : '')),
          ...[nothing, ofCore, worst].map(({ loss }) => number(loss)),
        ];
      }),
    ]),
    ...circuits.map(({ task, words }) => `- \`${task}\`: ${words}`),
    '',
  ];
}

/** @typedef {v.InferOutput<typeof AblatedSchema>['answers'][0]} Answers */

/**
 * Answers by what was ablated; `worst` is the random set that leaves the fewest pairs in order.
 * @param {v.InferOutput<typeof AblatedSchema>} ablated
 */
function answersOf({ answers }) {
  const named = (/** @type {string} */ name) => answers.find(({ ablated }) => ablated === name);
  const random = answers.filter(({ ablated }) => ablated.startsWith('random '));
  return {
    nothing: /** @type {Answers} */ (named('nothing')),
    core: /** @type {Answers} */ (named('core')),
    both: named('core and backups'),
    cut: named('cut'),
    random,
    worst: random.reduce((a, b) => (b.pairOrder < a.pairOrder ? b : a)),
  };
}
