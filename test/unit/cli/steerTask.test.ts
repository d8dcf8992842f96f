import { describe, expect, it } from 'vitest';
import { readableCircuit, readableTask } from '../../../models/cli/steerTask';
import type { CircuitSteering } from '../../../models/steering/circuitSteering';
import type { TaskSteering } from '../../../models/steering/taskSteering';

describe('what steer prints', () => {
  const outcome = { name: '1.mlp.act_in.3', mean: [0.1, 0.8], success: [0, 0.9] };
  const report: TaskSteering = {
    ...{ task: 'quotes', given: 'a', prompts: { selection: 16, proof: 100 }, chosen: true },
    ...{ leftOut: { unaligned: 0, unsolved: 1 }, strengths: [0, 1], ceiling: 0.9 },
    ...{ node: outcome, direct: outcome, denseChannel: outcome, whole: outcome },
    ...{ randomNodes: [], randomDirections: [], failures: { count: 0, first: [] } },
  };

  it('says of a node whether it was chosen or given', () => {
    const words = (chosen: boolean) => readableTask({ ...report, chosen }, (node) => node);
    expect(words(true)).toContain('; node and channel chosen on 16 others');
    expect(words(false)).toContain('; node given, channel chosen on 16 others');
  });

  it('counts the nodes of a circuit that cannot act', () => {
    const row = (ablated: string, nodes: number, unread: number) => ({
      ...{ ablated, nodes, unread, accuracy: 1, pairOrder: 1, loss: 0.1 },
    });
    const words = (unread: number) => {
      const answers = [row('nothing', 0, 0), row('core', 7, unread), row('random 1', 7, 5)];
      const found: CircuitSteering = { pairs: 3, unaligned: 0, answers };
      return readableCircuit({ task: 'quotes', dense: 'big' }, found);
    };
    expect(words(2)).toMatch(/core +7 +2 /);
    expect(words(2)).toContain('changes no read of the dense model; 2 of the core');
    expect(words(0)).not.toContain('of the core');
  });
});
