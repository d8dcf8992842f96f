/** Trains a tiny run in the folder given, and dies at once when it hears of the step given. */
import type { TrainingConfig } from '../../../models/training/config';
import { run, tinyData, tinyRun } from './tiny';

const [out, overrides, last] = process.argv.slice(2);
await run(out, tinyData(), {
  config: tinyRun(JSON.parse(overrides) as Partial<TrainingConfig>),
  onStep: ({ step }) => {
    if (step === Number(last)) process.kill(process.pid, 'SIGKILL');
  },
});
