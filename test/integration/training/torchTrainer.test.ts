/** Parts of train.py by themselves, without a run's folder. */
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runPython, torchPython } from '../../support/python';
import { tinyRun } from './tiny';

const PATIENCE = 120_000;

/** A trainer of a run of 1000 steps, as far as it keeps time; its clock is `clock.now`. */
const PROGRAM = `
import json, sys, types
sys.path.insert(0, ${JSON.stringify(resolve('models/training/torch'))})
sys.dont_write_bytecode = True
sys.modules["model"] = types.ModuleType("model")
import torch, train
clock = types.SimpleNamespace(now=1000.0)
clock.time = lambda: clock.now
train.time, train.STARTED = clock, 1000.0
config = json.load(open(sys.argv[1]))

def trainer(minutes, step):
    made = train.Trainer.__new__(train.Trainer)
    made.args = types.SimpleNamespace(minutes=minutes)
    made.config, made.schedule = config, train.Schedule(config)
    made.step, made.clock, made.device = step, clock.now, torch.device("cpu")
    made.evaluate, made.evaluate_every = lambda: None, config["evalEvery"]
    return made

def refusal(call, *given):
    try:
        call(*given)
    except train.Stop as stop:
        return str(stop)
`;
const ask = <T>(program: string) =>
  runPython<T>(`${PROGRAM}${program}`, tinyRun({ steps: 1000, evalEvery: 100 }));

describe.skipIf(!torchPython)('train.py', { timeout: PATIENCE }, () => {
  it('refuses a time and a batch that are no numbers above 0', async () => {
    const said = await ask<string[]>(`
def given(*arguments):
    sys.argv = ["train.py", *arguments]
    return refusal(train.main)
times = [given("--minutes", text) for text in ("0", "-1", "nan", "inf")]
print(json.dumps(times + [given("--batch", "0")]))
`);
    expect(said).toEqual([
      ...['0', '-1', 'nan', 'inf'].map((x) => `--minutes is ${x}; give a number above 0`),
      '--batch is 0; give a whole number above 0',
    ]);
  });

  it('refuses a time that leaves too few steps to anneal over, and takes one that does not', async () => {
    const answers = await ask<[string | null, number, number][]>(`
answers = []
for minutes, passed in ((0.15, 5), (1, 70), (1, 34.5), (1, 33.5)):
    one = trainer(minutes, 16)
    clock.now, one.step_seconds = 1000.0 + passed, 1.0
    answers.append((refusal(one.plan), one.schedule.steps, one.schedule.done(17)))
print(json.dumps(answers))
`);
    const refused = (minutes: string, steps: number) => [
      `--minutes ${minutes} leaves time for ${steps} steps once their speed is known, fewer than 16; give more minutes or leave it out`,
      ...[1000, 0.017],
    ];
    expect(answers.slice(0, 3)).toEqual([refused('0.15', 0), refused('1', 0), refused('1', 15)]);
    const [said, steps, done] = answers[3];
    expect(said ?? null).toBeNull();
    expect(steps).toBe(16 + 16);
    expect(done).toBeCloseTo(0.016 + 0.984 / 16, 12);
  });

  it('of many processes, has one report a trial; one that was stopped has nothing to report', async () => {
    const { printed, refused } = await ask<{ printed: string[]; refused: string }>(`
import contextlib, io
one = trainer(None, 24)
one.batch, one.model, one.plain, one.ready, one.short = 4, 0, 0, 1.0, False
printed = []
for train.RANK in (0, 1):
    one.step_seconds = 0.5
    with contextlib.redirect_stdout(io.StringIO()) as out:
        one.report()
    printed.append(out.getvalue())
train.RANK, one.step_seconds = 0, 0.0
print(json.dumps({"printed": printed, "refused": refusal(one.report)}))
`);
    expect(JSON.parse(printed[0])).toMatchObject({ tokensPerSecond: (4 * 24) / 0.5, batch: 4 });
    expect(printed[1]).toBe('');
    expect(refused).toBe('stopped before the speed was measured');
  });

  it('moves the end without a jump of what is done, of L0 or of the rate', async () => {
    const { steps, values } = await ask<{ steps: number[]; values: number[][] }>(`
s, values, steps, step = train.Schedule(config), [], [], 0
moves = {20: 800, 150: 400, 200: 2000, 900: 1200}
while step < s.steps:
    if step in moves:
        s.end_at(step, moves[step])
        steps.append(s.steps)
    values.append([s.done(step), s.l0(step), s.rate(step)])
    step += 1
values.append([s.done(step), s.l0(step), s.rate(step)])
print(json.dumps({"steps": steps, "values": values}))
`);
    expect(steps).toEqual([800, 400, 2000, 1200]);
    expect(values).toHaveLength(1201);
    const most = 1 / 250; // of the run, in one step
    for (const [step, [done, l0, rate]] of values.slice(1).entries()) {
      const before = values[step];
      expect(done, `done of ${step}`).toBeGreaterThan(before[0]);
      expect(done - before[0], `done of ${step}`).toBeLessThan(most);
      expect(before[1] - l0, `L0 of ${step}`).toBeGreaterThanOrEqual(0);
      expect(before[1] - l0, `L0 of ${step}`).toBeLessThan((most * 0.75) / 0.5);
      expect(Math.abs(rate - before[2]), `rate of ${step}`).toBeLessThan(0.02 * 0.1);
    }
    expect(values.at(-1)).toEqual([1, 0.25, 0]);
  });

  it('ends in time where the machine turns slower or quicker, and late rather than in one step', async () => {
    const runs = await ask<Record<string, [seconds: number, steps: number, most: number]>>(`
def run(seconds):
    """A run of ten minutes whose steps take so long, and its evaluations 3 s."""
    clock.now = 1000.0 + 16
    one = trainer(10, 16)
    one.step_seconds = 1.0
    def evaluate():
        clock.now += 3
    one.evaluate = evaluate
    one.plan()
    most = 0
    while one.step < one.schedule.steps:
        before = one.schedule.done(one.step)
        one.step += 1
        clock.now += seconds(one.step)
        if one.step % one.evaluate_every == 0:
            evaluate()
        most = max(most, one.schedule.done(one.step) - before)
        one.adjust()
    return [clock.now - 1000, one.step, most]
stands_still = lambda step: 1000 if step == 300 else 1
print(json.dumps({
    "even": run(lambda step: 1), "slower": run(lambda step: 1 if step < 100 else 2),
    "quicker": run(lambda step: 1 if step < 100 else 0.5), "still": run(stands_still)}))
`);
    const { even, slower, quicker, still } = runs;
    // Twelve seconds are for the end.
    for (const [seconds] of [even, slower, quicker]) expect(seconds).toBeLessThan(595);
    for (const [seconds] of [even, slower, quicker]) expect(seconds).toBeGreaterThan(560);
    expect(even[1]).toBeGreaterThan(500);
    expect(slower[1]).toBeLessThan(400);
    expect(quicker[1]).toBeGreaterThan(800);
    expect(still[1]).toBe(300 + 16);
    expect(still[2]).toBeLessThan(1 / 16);
  });
});
