/** What `npm run measure` keeps, asks again and takes over, with commands that are made up. */
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { circuitText, type Circuit } from '../../../models/circuits/file/circuitFile';
import { judge } from '../../../models/circuits/file/criteria';
import { BridgedMeasurement } from '../../../tools/measure/bridged.mjs';
import { parsed } from '../../../tools/files.mjs';
import { jsonFiles } from '../../../tools/measure/files.mjs';
import { Measurement } from '../../../tools/measure/model.mjs';
import { ToolError } from '../../../tools/processes.mjs';
import { sampleCircuit, sampleProof } from '../../support/circuits';

const HASH = 'a'.repeat(64);
const TASKS = ['if_equals', 'with_as'];
const proven = sampleCircuit({ proof: sampleProof() });

/** What is read of a file of measurements here. */
interface Kept {
  readonly circuits: readonly { readonly ablated?: unknown }[];
  readonly unique?: unknown;
}

/** Folders with a bundle of some circuits, and commands that record what they were asked. */
function work(circuits: Record<string, Circuit | string>) {
  const dir = mkdtempSync(join(tmpdir(), 'circuitscope-measure-'));
  onTestFinished(() => {
    rmSync(dir, { recursive: true });
  });
  const folders = {
    ...{ bundles: join(dir, 'bundles'), data: join(dir, 'data'), unique: join(dir, 'unique') },
  };
  const own = join(folders.bundles, 'tiny');
  for (const folder of [join(own, 'circuits'), folders.data, join(folders.unique, 'tiny')]) {
    mkdirSync(folder, { recursive: true });
  }
  const json = (path: string, value: object) => {
    writeFileSync(path, JSON.stringify(value));
  };
  json(join(own, 'bundle.json'), { hash: HASH });
  json(join(own, 'card.json'), {
    ...{ natsPerToken: { heldOutOrdinary: 3 }, tokensSeen: 100, steps: 2 },
    training: {
      ...{ batch: 3, model: { context: 5 }, seed: 4, optimizer: { learningRate: 0.5 }, bridge: {} },
    },
    earlier: {
      'run 1': { steps: 1000, training: { batch: 3, model: { context: 5 } } },
      'run 2': { steps: 4, training: { batch: 2, model: { context: 5 }, bridge: {} } },
    },
    bridges: { dense: { name: 'dense' }, ordinary: 1, idioms: 2 },
  });
  const fileOf = (name: string) => join(own, 'circuits', `${name}.json`);
  for (const [name, circuit] of Object.entries(circuits)) {
    writeFileSync(fileOf(name), typeof circuit === 'string' ? circuit : circuitText(circuit));
  }
  const calls: string[] = [];
  const said: string[] = [];
  const failed: string[] = [];
  let words = 'It holds.';
  const answers: Record<string, (args: string[]) => unknown> = {
    'bundle info': () => ({
      config: { layers: 1, dModel: 2 },
      parameters: {
        parameters: [
          { name: 'embed.weight', nonzero: 3, total: 9 },
          { name: 'bigram.table', nonzero: 100, total: 100 },
        ],
      },
    }),
    tasks: () => [{ name: 'with_as' }],
    kurtosis: () => ({ kurtosis: [{ place: 'embed', kurtosis: 3 }] }),
    'verify --write': ([, path]) => {
      const circuit = parsed(path) as Circuit;
      const repeats = circuit.repeats.map((one) => ({ ...one, stopped: false }));
      writeFileSync(path, circuitText({ ...circuit, proof: sampleProof(), repeats }));
      return {};
    },
    'verify --kept': ([, path]) => {
      if (path.includes('damaged')) throw new ToolError(`${path} is damaged`);
      return { words, core: 2 };
    },
    'steer --task': (args) => ({ task: args[2], given: args[4] }),
    'steer --circuit': () => ({ pairs: 9, unaligned: 1, answers: 0.5, more: 'not kept' }),
  };
  const cli = (...args: string[]) => {
    calls.push(args.map((arg) => arg.replace(join(own, 'circuits'), 'C')).join(' '));
    const key = Object.keys(answers).find((known) => {
      const [command, ...more] = known.split(' ');
      return args[0] === command && more.every((one) => args.includes(one));
    });
    return Promise.resolve().then(() => answers[key!](args));
  };
  const parts = {
    ...{ folders, cli },
    tell: (line: string) => void said.push(line),
    fail: (line: string) => void failed.push(line),
  };
  return {
    ...{ parts, folders, fileOf, json, said, failed },
    asked: () => calls.splice(0),
    become: (now: string) => {
      words = now;
    },
    measured: () => parsed(join(folders.data, 'tiny.json')) as Kept,
    prove: () => new Measurement(parts, 'tiny').proveCircuits(),
  };
}

const digest = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');

describe('a model', () => {
  it('is measured once, without its counted table, and anew when its bundle is another', async () => {
    const { parts, folders, json, asked, measured } = work({});
    await new Measurement(parts, 'tiny').measureModel();
    expect(asked()).toEqual([
      'bundle info tiny',
      'tasks --bundle tiny --pairs 100',
      'kurtosis samples --bundle tiny',
    ]);
    expect(measured()).toMatchObject({
      bundle: { name: 'tiny', hash: HASH },
      info: { layers: 1, nonzero: 3, total: 9, tokensSeen: 100 },
      kurtosis: [{ place: 'embed' }],
    });
    await new Measurement(parts, 'tiny').measureModel();
    expect(asked()).toEqual([]);
    json(join(folders.bundles, 'tiny', 'bundle.json'), { hash: 'b'.repeat(64) });
    await new Measurement(parts, 'tiny').measureModel();
    expect(asked()).toHaveLength(3);
  });
});

describe('a circuit', () => {
  const two = () => ({
    if_equals: { ...proven, pairs: { task: 'if_equals' } },
    with_as: { ...proven, pairs: { task: 'with_as' } },
  });

  it('with a proof is not proved again, but what the proof comes to is asked each time', async () => {
    const { asked, become, fileOf, measured, prove } = work(two());
    await prove();
    const kept = TASKS.map((task) => `verify C/${task}.json --kept --bundle tiny`);
    expect(asked()).toEqual(kept);
    const { command, settings } = proven.search!;
    expect(measured().circuits).toMatchObject([
      { task: 'if_equals', sha256: digest(fileOf('if_equals')), words: 'It holds.' },
      { task: 'with_as', command, settings, core: 2 },
    ]);
    become('By newer criteria it fails.');
    await prove();
    expect(asked()).toEqual(kept);
    expect(measured().circuits).toMatchObject(
      TASKS.map((task) => ({ task, words: 'By newer criteria it fails.' })),
    );
    rmSync(fileOf('if_equals'));
    await prove();
    expect(measured().circuits).toMatchObject([{ task: 'with_as' }]);
  });

  it('without a complete proof is proved first, with as many seeds as it has', async () => {
    const stopped = sampleProof({}, { seed: 5, stopped: true });
    const pairs = (task: string) => ({ pairs: { task } });
    const { asked, fileOf, measured, prove } = work({
      if_equals: { ...proven, ...pairs('if_equals'), proof: null },
      var_if: { ...proven, ...pairs('var_if'), proof: stopped },
      with_as: { ...proven, ...pairs('with_as'), repeats: [sampleProof(), stopped] },
    });
    await prove();
    expect(asked().filter((call) => call.includes('--write'))).toEqual([
      'verify C/if_equals.json --write --bundle tiny',
      'verify C/var_if.json --write --seed 5 --seeds 1 --bundle tiny',
      'verify C/with_as.json --write --seed 1 --seeds 3 --bundle tiny',
    ]);
    // Of the file with its new proof.
    expect(measured().circuits).toMatchObject([
      { task: 'if_equals', sha256: digest(fileOf('if_equals')) },
      ...[{ task: 'var_if' }, { task: 'with_as' }],
    ]);
    await prove();
    expect(asked().every((call) => call.includes('--kept'))).toBe(true);
  });

  it('that is damaged fails the run in the end, and the others are measured', async () => {
    const { failed, measured, prove } = work({ ...two(), damaged: proven });
    await prove();
    expect(failed).toEqual([expect.stringMatching(/damaged\.json is damaged$/)]);
    expect(measured().circuits).toHaveLength(2);
  });

  it('of an older format is only named, and one that others published, or of another model, is left out', async () => {
    const older = (change: object) => JSON.stringify({ ...proven, ...change });
    const { asked, measured, prove } = work({
      older: older({ format: proven.format - 1 }),
      first: older({ format: 1, pairs: { task: 'var_if' } }),
      published: { ...proven, search: null, pairs: { task: 'for_while' } },
      other: { ...proven, bundle: { name: 'tiny', hash: 'b'.repeat(64) } },
    });
    await prove();
    expect(measured()).toMatchObject({ circuits: [], old: ['var_if', 'indent_for'] });
    expect(asked()).toEqual([]);
  });
});

describe('searches with many seeds', () => {
  const found = (task: string, change: object = {}, settings = { pruneEdges: false }) => ({
    of: { bundle: { hash: HASH }, pairs: { task }, find: { settings } },
    result: { seeds: 2, common: ['0.attn.v.1'] },
    ...change,
  });

  it('are taken over where they are finished and of whole nodes, those whose file is gone stay', () => {
    const { parts, folders, json, measured } = work({});
    const put = (name: string, value: object) => {
      json(join(folders.unique, 'tiny', name), value);
    };
    put('with_as.json', found('with_as'));
    new Measurement(parts, 'tiny').takeOverSearches();
    expect(measured().unique).toEqual([{ task: 'with_as', seeds: 2, common: 1 }]);
    rmSync(join(folders.unique, 'tiny', 'with_as.json'));
    put('if_equals.json', found('if_equals'));
    put('var_if.json', found('var_if', { result: null }));
    put('for_while.json', found('for_while', {}, { pruneEdges: true }));
    // Written aside by a search under way: half a file, and one of a task that counts already.
    writeFileSync(join(folders.unique, 'tiny', 'half.json.12-ab'), '{"of":');
    put('if_equals.json.new', found('if_equals'));
    put('.if_equals.json.12-ab', found('if_equals'));
    new Measurement(parts, 'tiny').takeOverSearches();
    const { unique } = measured() as { unique: { task: string }[] };
    expect(unique.map(({ task }) => task)).toEqual(['with_as', 'if_equals']);
  });

  it('are nothing without a folder', () => {
    const { parts, folders, said } = work({});
    rmSync(folders.unique, { recursive: true });
    new Measurement(parts, 'tiny').takeOverSearches();
    expect(said).toEqual([]);
  });
});

describe('a bridged model', () => {
  it('is steered once, its circuits are ablated once for a file, and judged each time', async () => {
    const { parts, asked, become, fileOf, measured } = work({ indent_for: proven });
    await new BridgedMeasurement(parts, 'tiny').measure();
    expect(asked()).toEqual([
      ...['single_double_quote --given a', 'single_double_quote --given b'].map(
        (of) => `steer --task ${of} --prompts 100 --bundle tiny`,
      ),
      'steer --task while_return_true --given b --prompts 100 --bundle tiny',
      'verify C/indent_for.json --kept --bundle tiny',
      'steer --circuit C/indent_for.json --bundle tiny',
    ]);
    expect(measured()).toMatchObject({
      tokens: { all: 100, bridged: 2 * 3 * 5 + 4 * 2 * 5 },
      training: { seed: 4, learningRate: 0.5 },
      steering: [{}, {}, { task: 'while_return_true', given: 'b' }],
      circuits: [{ task: 'indent_for', words: 'It holds.' }],
    });
    expect(measured().circuits[0].ablated).toEqual({ pairs: 9, unaligned: 1, answers: 0.5 });
    become('It fails.');
    await new BridgedMeasurement(parts, 'tiny').measure();
    expect(asked()).toEqual(['verify C/indent_for.json --kept --bundle tiny']);
    expect(measured().circuits).toMatchObject([{ words: 'It fails.', ablated: { pairs: 9 } }]);
    writeFileSync(fileOf('indent_for'), circuitText({ ...proven, cut: [] }));
    await new BridgedMeasurement(parts, 'tiny').measure();
    expect(asked()).toHaveLength(2);
    expect(measured().circuits).toHaveLength(1);
  });
});

const shipped = readdirSync('models/bundles').filter((name) =>
  existsSync(join('models/bundles', name, 'bundle.json')),
);

describe.each(shipped)('the data of %s', (name) => {
  const data = parsed(`docs/results/data/${name}.json`) as {
    bundle: { name: string; hash: string };
    circuits: { task: string }[];
  };
  it('are of the bundle that ships', () => {
    const { hash } = parsed(join('models/bundles', name, 'bundle.json')) as { hash: string };
    expect(data.bundle).toEqual({ name, hash });
  });
  it.each(jsonFiles(join('models', 'bundles', name, 'circuits')))('has what %s proves', (file) => {
    const { pairs, proof, repeats } = parsed(file) as Circuit;
    const { groups, passes, words } = judge([proof!, ...repeats]);
    expect(data.circuits.filter((one) => 'task' in pairs && one.task === pairs.task)).toEqual([
      expect.objectContaining({ groups, passes, words }),
    ]);
  });
});
