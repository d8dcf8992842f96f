import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readConfig } from '../../../models/bundles/bundle';
import { parseTrainingConfig, readTrainingConfig } from '../../../models/training/config';
import { trainingConfig } from '../../support/training';

const folder = mkdtempSync(join(tmpdir(), 'circuitscope-config-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Data with the field at a path set to something; undefined removes it. */
function withField(data: object, [key, ...rest]: string[], value: unknown): object {
  const fields = Object.entries(data) as [string, object][];
  const old = fields.find(([name]) => name === key)?.[1] ?? {};
  const inner = rest.length > 0 ? withField(old, rest, value) : value;
  const others = fields.filter(([name]) => name !== key);
  return Object.fromEntries(inner === undefined ? others : [...others, [key, inner]]);
}

function messageOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    return (error as Error).message;
  }
  return 'no error';
}

describe('training settings', () => {
  it('are taken as they are when all is right', () => {
    expect(parseTrainingConfig(trainingConfig(), 'x')).toEqual(trainingConfig());
  });

  it.each([
    ['python-sparse-8', 'python-sparse'],
    ['python-dense-5', 'python-dense'],
    ['python-bridge', 'python-sparse'],
  ])('%s.json goes on from the %s that ships: its model has the same sizes', (name, shipped) => {
    const { model } = readTrainingConfig(`models/training/configs/${name}.json`);
    expect(model).toEqual(readConfig(`models/bundles/${shipped}`));
  });

  it.each([
    ['name', 'no spaces'],
    ['steps', 0],
    ['steps', 1.5],
    ['steps', undefined],
    ['seed', '3'],
    ['batch', -4],
    ['batch', 1e6],
    ['replicas', null],
    ['replicas', 1000],
    ['evalWindows', 1e6],
    ['steps', 1e12],
    ['idiomShare', 1.01],
    ['provider', 'tpu'],
    ['surprise', 1],
    ['optimizer', undefined],
    ['optimizer/learningRate', 0],
    ['optimizer/beta1', 2],
    ['optimizer/warmup', NaN],
    ['optimizer/matrices', 'sgd'],
    ['optimizer/extra', 0.9],
    ['sparsity/l0', 0],
    ['sparsity/l0', 1.5],
    ['sparsity/minPerChannel', 0.5],
    ['model/layers', 0],
    ['model/norm', 'layer'],
    ['model/heads', '4'],
    ['model/activationFraction/attn.q', 0],
  ])('with a wrong %s (%s) are refused in one line that names it', (path, value) => {
    const data = withField(trainingConfig(), path.split('/'), value);
    const message = messageOf(() => parseTrainingConfig(data, 'run.json'));
    expect(message).toMatch(`run.json: ${path.replaceAll('/', '.')}: `);
    expect(message).not.toContain('\n');
  });

  it('need a batch that the replicas can share evenly', () => {
    const message = messageOf(() => parseTrainingConfig(trainingConfig({ batch: 5 }), 'run.json'));
    expect(message).toBe('run.json: batch 5 must be a multiple of replicas 2');
  });

  it('need positions no wider than the residual stream', () => {
    const wide = trainingConfig({}, { positions: 17 });
    expect(messageOf(() => parseTrainingConfig(wide, 'run.json'))).toBe(
      'run.json: model.positions must be at most model.dModel',
    );
  });
});

describe('a settings file', () => {
  it('is read', () => {
    const file = join(folder, 'good.json');
    writeFileSync(file, JSON.stringify(trainingConfig()));
    expect(readTrainingConfig(file)).toEqual(trainingConfig());
  });

  it.each([
    ['missing', undefined, 'does not exist; check the path'],
    ['cut', '{"name": ', 'is not JSON; correct it'],
  ])('that is %s is refused in one line that names it', (name, content, why) => {
    const file = join(folder, `${name}.json`);
    if (content !== undefined) writeFileSync(file, content);
    const message = messageOf(() => readTrainingConfig(file));
    expect(message).toContain(`${file} ${why}`);
    expect(message).not.toContain('\n');
  });
});
