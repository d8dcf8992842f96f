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
});
