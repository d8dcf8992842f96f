import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { machineOf } from '../../../tools/machine.mjs';
import { TARGETS } from '../../../tools/package.mjs';

const BIN = 'node_modules/onnxruntime-node/bin/napi-v6';

describe('the native programs of the runtime', () => {
  it.each(TARGETS)('for %s are there, and are for that machine', (target) => {
    const dir = join(BIN, ...target.split('-'));
    const programs = readdirSync(dir).filter((name) => /\.(node|dll|dylib|so(\.\d+)*)$/.test(name));
    expect(programs).toContain('onnxruntime_binding.node');
    for (const name of programs) expect(machineOf(readFileSync(join(dir, name)))).toBe(target);
  });

  it('are there for no other machine: then the message about Intel Macs is wrong', () => {
    expect(existsSync(join(BIN, 'darwin', 'x64', 'onnxruntime_binding.node'))).toBe(false);
  });

  it('are told from other files', () => {
    expect(machineOf(Buffer.alloc(64))).toBe('unknown');
    expect(machineOf(Buffer.from('\x7fELF'.padEnd(64, '\0'), 'latin1'))).toBe('unknown');
  });
});
