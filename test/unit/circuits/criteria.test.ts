import { describe, expect, it } from 'vitest';
import { CRITERIA, GROUPS, judge } from '../../../models/circuits/file/criteria';
import { sampleProof } from '../../support/circuits';

describe('the verdict', () => {
  it('passes a circuit that holds every criterion, each with its number', () => {
    const { passes, criteria, words, groups } = judge([sampleProof()]);
    expect(criteria.filter(({ holds }) => !holds)).toEqual([]);
    expect(passes).toBe(true);
    expect(Object.keys(groups)).toEqual([...GROUPS]);
    expect(criteria).toHaveLength(CRITERIA.length);
    for (const { value } of criteria) expect(value).toBeTypeOf('number');
    expect(words).toMatch(/^The circuit is sufficient, robust, necessary with its backups, causal/);
  });

  it.each([
    ['core', { loss: 0.151 }, 'sufficient', /loss of the core alone 0\.151, wanted at most 0\.150/],
    ['empty', { loss: 0.29 }, 'sufficient', /every node closed 0\.290, wanted at least 0\.300/],
    ['subsets.worst', { loss: 0.16 }, 'robust', /put back, worst 0\.160/],
    ['adversary', { loss: 30 }, 'robust', /16 nodes that an adversary chooses 30\.000/],
    ['removed.circuit', { loss: 0.5 }, 'necessary', /without core and backups 0\.500/],
    ['removed.circuit', { order: 0.97 }, 'necessary', /in order .* 97 %, wanted at most 75 %/],
    ['removed.cut', { loss: 0.59 }, 'selective', /without the cut 0\.590, wanted at least 0\.600/],
    ['removed.random', { loss: 0.3 }, 'necessary', /as many random nodes 0\.300/],
    ['swap.circuit', { share: 0.4 }, 'causal', /follow joined nodes and backups 40 %/],
    ['swap.random', { share: 0.26 }, 'causal', /as many random nodes 26 %, wanted at most 25 %/],
    ['control.labels', { loss: 0.2 }, 'real', /for random labels 0\.200/],
    ['control.model', { loss: 0.1 }, 'real', /in a random model 0\.100/],
  ] as const)('fails by %s %j, and says so', (id, change, group, words) => {
    const found = judge([sampleProof({ [id]: change })]);
    expect(found.passes).toBe(false);
    expect(Object.entries(found.groups).filter(([, holds]) => !holds)).toEqual([[group, false]]);
    expect(found.words).toMatch(/It FAILS: /);
    expect(found.words).toMatch(words);
  });

  it('of several seeds takes the worst number of each criterion, whichever seed has it', () => {
    const one = sampleProof({ core: { loss: 0.14 }, 'control.labels': { loss: 0.5 } });
    const other = sampleProof({ core: { loss: 0.09 }, 'control.labels': { loss: 0.31 } });
    const found = judge([one, other]);
    expect(found.passes).toBe(true);
    expect(found.words).toMatch(/Of 2 seeds the worst numbers count\./);
    const value = (what: RegExp) => found.criteria.find((each) => what.test(each.what))!.value;
    expect(value(/loss of the core alone/)).toBe(0.14);
    expect(value(/random labels/)).toBe(0.31);
    const worse = sampleProof({ 'control.labels': { loss: 0.2 } });
    expect(judge([one, worse]).groups).toMatchObject({ real: false, sufficient: true });
    expect(judge([worse, one]).groups.real).toBe(false);
    expect(judge([one, { ...one, measurements: [] }]).passes).toBe(false);
    const broken = sampleProof({ 'adversary.free': { loss: 31.67 } });
    expect(judge([one, broken]).words).toMatch(/breaks it \(31\.7 nats\)/);
    expect(judge([one]).words).not.toMatch(/seeds/);
  });

  it.each([
    [{ unseen: false }, 'not seen 0, wanted at least 24'],
    [{ pairs: 23 }, 'not seen 23, wanted at least 24'],
  ])('fails on prompts like %j, whatever they give', (more, words) => {
    const found = judge([sampleProof({}, more)]);
    expect(found.groups).toMatchObject({ sufficient: false, robust: true, necessary: true });
    expect(found.words).toContain(`pairs of prompts that the search has ${words}`);
  });

  it.each([
    ['removed.random', 62, 'necessary'],
    ['swap.random', 38, 'causal'],
  ])('takes no smaller random set for a control: %s of %d nodes', (id, enough, group) => {
    const tooFew = id === 'removed.random' ? enough + 1 : enough - 1;
    expect(judge([sampleProof({ [id]: { nodes: enough } })]).passes).toBe(true);
    const found = judge([sampleProof({ [id]: { nodes: tooFew } })]);
    expect(Object.entries(found.groups).filter(([, holds]) => !holds)).toEqual([[group, false]]);
    expect(found.words).toMatch(/NOT JUDGED: 1 of 15 criteria/);
  });

  it('says of a circuit that passes that it does not hold by its kept weights alone', () => {
    for (const id of ['subsets.edges', 'adversary.edges']) {
      const edges = { ...sampleProof().measurements[0], id, loss: 0.8 };
      const measurements = [...sampleProof().measurements, edges];
      const { passes, words } = judge([sampleProof({}, { measurements })]);
      expect(passes).toBe(true);
      expect(words).toContain('By its kept weights alone it is not robust (0.8 nats');
    }
    expect(judge([sampleProof()]).words).not.toContain('kept weights');
  });

  it('says of a circuit that passes where all other nodes carry more than it', () => {
    const rest = (share: number) => {
      const one = { ...sampleProof().measurements[0], id: 'swap.rest', share };
      return judge([sampleProof({}, { measurements: [...sampleProof().measurements, one] })]);
    };
    expect(rest(0.83).passes).toBe(true);
    expect(rest(0.83).words).toContain('carry more of the answer (83 %) than the circuit (80 %)');
    expect(rest(0.79).words).not.toContain('carry more');
  });

  it('fails a core that needs more backups than random nodes do, and none that needs as many', () => {
    const necessary = (count: number, of: number) => {
      const counts = [{ id: 'backups', what: '', count, of }];
      return judge([sampleProof({}, { counts })]).groups.necessary;
    };
    expect(necessary(5, 4)).toBe(false);
    expect(necessary(4, 4)).toBe(true);
    // Where random nodes need none, one is not more than its bound of one.
    expect([necessary(0, 0), necessary(1, 0), necessary(2, 0)]).toEqual([true, true, false]);
  });

  it('fails a circuit without which other solved tasks are lost; its own and unsolved ones do not count', () => {
    const lost = { task: 'with_as', whole: 1, without: 0.6 };
    const own = { task: 'indent_for', whole: 1, without: 0.5 };
    const unsolved = { task: 'var_if', whole: 0.6, without: 0.5 };
    expect(judge([sampleProof({}, { selective: [own, unsolved, lost] })]).groups.selective).toBe(
      false,
    );
  });

  it('says of a circuit that passes what an adversary without bounds makes of it', () => {
    const broken = judge([sampleProof({ 'adversary.free': { loss: 31.67 } })]);
    expect(broken.passes).toBe(true);
    expect(broken.words).toMatch(
      /An adversary .* any number of outside nodes breaks it \(31\.7 nats\)/,
    );
    expect(judge([sampleProof()]).words).not.toMatch(/adversary/);
  });

  it('says that the time ran out, of any seed', () => {
    const early = { ...sampleProof(), stopped: true };
    expect(judge([sampleProof(), early]).words).toContain('The time ran out before all was');
    expect(judge([sampleProof()]).words).not.toContain('time ran out');
  });

  it('fails what was not measured', () => {
    const { measurements } = sampleProof();
    const judged = measurements.filter(({ id }) => id !== 'whole' && id !== 'adversary.free');
    for (const { id } of judged) {
      const less = measurements.filter((one) => one.id !== id);
      const { passes, words } = judge([sampleProof({}, { measurements: less })]);
      expect(passes, id).toBe(false);
      expect(words).toMatch(/NOT JUDGED: \d+ of 15 criteria were not measured\./);
      expect(words).not.toContain('FAILS');
    }
  });
});
