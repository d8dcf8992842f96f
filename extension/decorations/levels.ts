/** Which tokens get which color. */
import { bits } from '../trace/tokenTrace';
import type { Scan } from '../trace/traces';

/** Neighboring tokens of one level. */
export interface Run {
  readonly level: number;
  /** First token, and the one after the last. */
  readonly start: number;
  readonly end: number;
}

/** Bits from which a token has each level of surprise; below the first it has none. */
export const SURPRISE_BITS = [2, 4, 7, 10] as const;
/** Shares of the largest activation from which a node has each level. */
const ACTIVATION_SHARES = [0.1, 0.25, 0.5, 0.75] as const;
/** Shares of a circuit's largest strength: some strength it has nearly everywhere. */
const STRENGTH_SHARES = [0.3, 0.45, 0.6, 0.8] as const;
export const LEVELS = 4;

/** Level of a surprise (nats), 0 to 4. */
export function surpriseLevel(nats: number): number {
  return levelOf(bits(nats), SURPRISE_BITS);
}

/** Level of an activation, −4 to 4, given the largest magnitude there is. */
export function activationLevel(activation: number, largest: number): number {
  const level = levelOf(Math.abs(activation) / largest, ACTIVATION_SHARES);
  return activation < 0 ? -level : level;
}

/** The largest magnitude of some numbers; 0 of none. */
export function largestOf(values: Float32Array): number {
  return values.reduce((top, value) => Math.max(top, Math.abs(value)), 0);
}

/** Whether there is nothing to tell apart, as of a node that is ablated everywhere. */
export function isConstant(values: Float32Array): boolean {
  return values.every((value) => value === values[0]);
}

/** Level of a circuit's strength, 0 to 4, given the largest there is. */
export function strengthLevel(strength: number, largest: number): number {
  return levelOf(strength / largest, STRENGTH_SHARES);
}

/** Runs of neighboring tokens whose level is not 0. */
export function runs({ start, values }: Scan, level: (value: number) => number): Run[] {
  const found: { level: number; start: number; end: number }[] = [];
  values.forEach((value, i) => {
    const own = level(value);
    if (own === 0) return;
    const last = found.at(-1);
    if (last?.level === own && last.end === start + i) last.end++;
    else found.push({ level: own, start: start + i, end: start + i + 1 });
  });
  return found;
}

function levelOf(value: number, bounds: readonly number[]): number {
  return bounds.filter((bound) => value >= bound).length;
}

/** Thickness of the line under a level's tokens, which is drawn where fills would hide the text. */
export function lineWidth(level: number): string {
  return `0 0 ${Math.abs(level)}px 0`;
}
