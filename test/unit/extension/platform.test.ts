import { readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { platformProblem, thisMachine } from '../../../extension/model/platform';

const linux = { platform: 'linux', arch: 'x64', glibc: true };

it('lets a model run where this copy has its program', () => {
  expect(platformProblem(linux, ['linux-x64'])).toBeNull();
});

it('names both machines when the copy is for another', () => {
  expect(platformProblem({ ...linux, arch: 'arm64' }, ['linux-x64'])).toBe(
    'this copy of Circuitscope is for linux-x64, and this machine is linux-arm64; install the copy for linux-arm64',
  );
});

it('says what ONNX Runtime has no program for, and what to do', () => {
  const intel = platformProblem({ platform: 'darwin', arch: 'x64', glibc: true }, ['darwin-arm64']);
  expect(intel).toMatch(/no build for macOS on x64, only for .*darwin-arm64/);
  expect(platformProblem({ ...linux, glibc: false }, ['linux-x64'])).toMatch(/Alpine.*Debian/);
});

it('knows this machine, for which there is a program', () => {
  const bin = 'node_modules/onnxruntime-node/bin/napi-v6';
  const all = readdirSync(bin).flatMap((system) =>
    readdirSync(`${bin}/${system}`).map((arch) => `${system}-${arch}`),
  );
  expect(platformProblem(thisMachine(), all)).toBeNull();
});
