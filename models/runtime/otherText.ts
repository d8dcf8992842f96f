/** Another text beside the one that is traced: its activations at the tokens that are the same. */
import { circuitEdges } from '../circuits/token/assemble';
import type { CircuitEdge } from '../circuits/token/circuit';
import type { Placed } from '../circuits/token/traced';
import { LOGPROBS } from '../transformer/graphs';
import { parseNode, siteName, type NodeId } from '../transformer/nodes';
import { align, type Alignment } from './align';
import type { Engine, WholePass } from '../inference/engine';
import type { ChangeAt } from './estimates';
import type { Position, TextTokens, TokenRange } from '../inference/textTokens';
import { rowOf, wholePass } from '../inference/wholePass';

export interface OtherText {
  readonly text: string;
  /** Token after which its prediction is made. */
  readonly position: Position;
}

/** What was read of another text. */
export interface Other {
  /** Ids of its tokens up to its prediction, [pos], and what each of the first text's rows is there. */
  readonly ids: Int32Array;
  readonly rows: Alignment;
  readonly start: number;
  readonly pass: WholePass;
  /** Its activation of a node where the first text has a row; undefined where that has no counterpart. */
  activation(node: NodeId, row: number): number | undefined;
  readonly changeAt: ChangeAt;
}

/**
 * Runs another text, and aligns the first one's tokens `ids` [pos] with it.
 * @param first the first text, in whose window the other is run where it fits there
 * @throws one line when they cannot be aligned
 */
export async function readOther(
  engine: Engine,
  { text, position }: OtherText,
  ids: Int32Array,
  first: FirstText,
): Promise<Other> {
  const tokens = engine.tokensOf(text);
  const at = tokens.locate(position);
  const window = sameWindow(engine, tokens, at, first) ?? tokens.window(at);
  const own = tokens.ids({ start: window.start, end: at + 1 });
  const rows = align(ids, own);
  const pass = await wholePass(engine, tokens, window, []);
  const length = window.end - window.start;
  const reader = (site: string) => {
    const values = pass.get(site)!;
    const width = values.length / length;
    return (row: number, index: number) =>
      rows[row] < 0 ? undefined : values[rows[row] * width + index];
  };
  return {
    ...{ ids: own, rows, start: window.start, pass },
    activation: ({ layer, site, index }, row) => reader(siteName(layer, site))(row, index),
    changeAt: (site) => {
      const read = reader(site);
      return (row, index) => {
        const add = read(row, index);
        return add === undefined ? null : { keep: 0, add };
      };
    },
  };
}

/** The text that is compared. */
interface FirstText {
  readonly tokens: TextTokens;
  /** First token of its window. */
  readonly start: number;
}

/**
 * The window from the same token on, so that an edit does not change how far back the model sees; null
 * where it is too short, or what stands before it is not the same.
 */
function sameWindow(
  { config }: Engine,
  tokens: TextTokens,
  at: number,
  first: FirstText,
): TokenRange | null {
  const { start } = first;
  if (at < start || at + 1 - start > config.context) return null;
  for (let token = 0; token < start; token++) {
    if (token >= first.tokens.count || tokens.id(token) !== first.tokens.id(token)) return null;
  }
  return { start, end: at + 1 };
}

/** Where a comparison is made. */
interface Where {
  readonly engine: Engine;
  /** Token ids asked about. */
  readonly outputs: readonly number[];
  /** Token ids of the first text's window, [pos]. */
  readonly own: Int32Array;
  /** First token of the first text's window. */
  readonly start: number;
}

/**
 * Edges of the first text with what differs: weight × (activation in the other text - own). What an
 * embedding or the bigram table gives differs where the tokens do: by what the other text's gives, less
 * the own.
 */
export function otherEdges(
  edges: readonly CircuitEdge[],
  other: Other,
  placed: readonly Placed[],
  { engine, outputs, own, start }: Where,
): CircuitEdge[] {
  const { config } = engine;
  const { ids, rows, pass } = other;
  const last = ids.length - 1;
  const logprobs = rowOf(pass, LOGPROBS, last, config.vocab);
  const there = placed.flatMap(({ node, row }) =>
    rows[row] < 0 ? [] : [{ node, row: rows[row] }],
  );
  const traced = { ids, sites: pass, start: 0 };
  const given = new Map(
    circuitEdges(engine.edges, traced, there, { row: last, outputs, logprobs })
      .filter(isInput)
      .map((edge) => [keyOf(edge, edge.fromToken), edge.contribution]),
  );
  return edges
    .map((edge) => {
      const row = edge.fromToken - start;
      if (isInput(edge)) {
        const differs = rows[row] >= 0 && ids[rows[row]] !== own[row];
        const value = differs ? given.get(keyOf(edge, rows[row])) : undefined;
        const contribution = value === undefined ? 0 : value - edge.contribution;
        return { ...edge, weight: contribution, contribution };
      }
      const value = other.activation(parseNode(edge.from, config), row);
      if (value === undefined) return { ...edge, contribution: 0 };
      return { ...edge, contribution: edge.weight * value - edge.contribution };
    })
    .filter(({ contribution }) => contribution !== 0)
    .sort((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution));
}

const isInput = ({ from }: CircuitEdge) => from === 'embed' || from === 'bigram';

function keyOf({ from, to, kind }: CircuitEdge, row: number): string {
  return `${kind} ${from} ${row} ${to}`;
}
