import { describe, expect, it } from 'vitest';
import { readableCircuit, readableTask } from '../../../models/cli/steerTask';
import type { CircuitSteering } from '../../../models/steering/circuitSteering';
import type { TaskSteering } from '../../../models/steering/taskSteering';

describe('what steer prints', () => {
  const outcome = {
    name: '1.mlp.act_in.3',
    mean: [0.1, 0.8],
    nats: [-2.4, -0.25],
    success: [0, 0.9],
  };
  const report: TaskSteering = {
    ...{ task: 'quotes', given: 'a', prompts: { selection: 16, proof: 100 }, chosen: true },
    ...{ leftOut: { unaligned: 0, unsolved: 1 }, strengths: [0, 1], ceiling: 0.9 },
    ...{ node: outcome, nextRead: outcome, direct: outcome, whole: outcome },
    ...{ denseNode: outcome, meanDifference: outcome, together: [] },
    ...{ randomNodes: [], randomDirections: [], failures: { count: 0, first: [] } },
  };

  it('says of a node whether it was chosen or given', () => {
    const words = (chosen: boolean) => readableTask({ ...report, chosen }, (node) => node);
    expect(words(true)).toContain('; node and controls chosen on 16 others');
    expect(words(false)).toContain('; node given, controls chosen on 16 others');
  });

  it('shows the best of several controls column by column, and how large they are', () => {
    const random = [
      { ...outcome, mean: [0, 0.4], nats: [-9, -3], success: [0, 0.1], size: 0.62 },
      { ...outcome, mean: [0, 0.2], nats: [-9, -2], success: [0, 0.3], size: 1.4 },
    ];
    const together = [{ ...outcome, nodes: 4, success: [0, 0.95] }];
    const lines = readableTask({ ...report, randomNodes: random, together }, (node) => node).split(
      '\n',
    );
    const line = (start: string) => lines.find((one) => one.startsWith(start));
    expect(line('best of 2 random nodes')).toMatch(/ 30\.0 % +40\.0 % +-2\.00$/);
    expect(line('the best 4 nodes of its site together')).toMatch(/ 95\.0 % +80\.0 % /);
    expect(line('the node')).toMatch(/ 90\.0 % +80\.0 % +-0\.25$/);
    expect(line('best of 0 random directions')).toMatch(/ - +- +-$/);
    expect(lines).toContain(
      "changes of the random nodes are 62.0 % to 140.0 % as large as the node's",
    );
    expect(line('0 ')).toMatch(/^0 +0\.0 % +10\.0 % +-2\.40$/);
  });

  it('counts the nodes of a circuit that cannot act', () => {
    const row = (ablated: string, nodes: number, unread: number) => ({
      ...{ ablated, nodes, unread, change: 0.31, accuracy: 0.9, pairOrder: 1, loss: 0.1 },
    });
    const words = (unread: number) => {
      const answers = [row('nothing', 0, 0), row('core', 7, unread), row('random 1', 7, 5)];
      const found: CircuitSteering = { pairs: 3, unaligned: 0, answers };
      return readableCircuit({ task: 'quotes', dense: 'big' }, found);
    };
    expect(words(2)).toMatch(/core +7 +2 +31\.0 % +90\.0 % +100\.0 % +0\.100/);
    expect(words(2)).toContain('changes no read of the dense model; 2 of the core');
    expect(words(0)).not.toContain('of the core');
  });
});
