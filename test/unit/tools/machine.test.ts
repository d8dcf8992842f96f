import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { librariesOf, machineOf } from '../../../tools/machine.mjs';
import { programsIn, TARGETS } from '../../../tools/package.mjs';

const BIN = 'node_modules/onnxruntime-node/bin/napi-v6';

describe('the native programs of the runtime', () => {
  it.each(TARGETS)('for %s are there, and are for that machine', (target) => {
    const dir = join(BIN, ...target.split('-'));
    const programs = readdirSync(dir).filter((name) => /\.(node|dll|dylib|so(\.\d+)*)$/.test(name));
    expect(programs).toContain('onnxruntime_binding.node');
    for (const name of programs) expect(machineOf(readFileSync(join(dir, name)))).toBe(target);
  });

  it.each(TARGETS)(
    'for %s that are packed are the binding and what it loads, no others',
    (target) => {
      const dir = join(BIN, ...target.split('-'));
      const [binding, library, ...more] = programsIn(dir);
      expect(binding).toBe('onnxruntime_binding.node');
      expect(library).toMatch(/^(lib)?onnxruntime\.(so\.1|dll|1\.dylib)$/);
      expect(more).toEqual([]);
      // Those of the system, which every machine has.
      const others = librariesOf(readFileSync(join(dir, library)));
      expect(others.length).toBeGreaterThan(1);
      expect(others.filter((name) => /^(DirectML|dx)/i.test(name))).toEqual([]);
    },
  );

  it('are there for no other machine: then the message about Intel Macs is wrong', () => {
    expect(existsSync(join(BIN, 'darwin', 'x64', 'onnxruntime_binding.node'))).toBe(false);
  });

  it('are told from other files', () => {
    expect(machineOf(Buffer.alloc(64))).toBe('unknown');
    expect(librariesOf(Buffer.alloc(64))).toEqual([]);
    expect(machineOf(Buffer.from('\x7fELF'.padEnd(64, '\0'), 'latin1'))).toBe('unknown');
  });
});
