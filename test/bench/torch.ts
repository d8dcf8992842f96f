/** The same model in PyTorch, with a hook where ours has a tap: the yardstick of traces and effects. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { readBundle } from '../../models/bundles/bundle';
import { keptChannels, SITES } from '../../models/transformer/config';
import { parameterSpecs } from '../../models/transformer/parameters';

/** Debian's, which has its PyTorch. */
const PYTHON = '/usr/bin/python3';

/** Says why there is nothing to compare with, where PyTorch is missing. */
export function hasTorch(): boolean {
  if (spawnSync(PYTHON, ['-c', 'import torch']).status === 0) return true;
  console.error('skipped: PyTorch is not installed (Debian: python3-torch)');
  return false;
}

/** A program of this folder that answers one line for every line it is sent. */
export class PythonProgram {
  private readonly child;
  private readonly lines;
  private readonly gone: Promise<never>;

  constructor(file: string) {
    this.child = spawn(PYTHON, [join('test/bench', file)], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.lines = createInterface({ input: this.child.stdout });
    this.gone = once(this.child, 'exit').then(() => {
      throw new Error('the Python program ended; its last words are above');
    });
    this.gone.catch(() => undefined); // Of no consequence to whoever asks no more.
  }

  /** The answer, parsed; rejects when the program ends instead. */
  async ask<T>(question: unknown): Promise<T> {
    this.child.stdin.write(JSON.stringify(question) + '\n');
    const [line] = (await Promise.race([once(this.lines, 'line'), this.gone])) as [string];
    return JSON.parse(line) as T;
  }

  stop(): void {
    this.child.stdin.end();
  }
}

/** What is done to one node, at the last position or at every one. */
export interface TorchAblation {
  readonly site: string;
  readonly index: number;
  readonly value: number;
}

/** Log-probabilities (nats) of the target, one for each ablation, and how long they took in all. */
export interface TorchEffects {
  readonly logprobs: number[];
  readonly milliseconds: number;
}

/** A bundle's model in PyTorch. */
export class TorchModel {
  private constructor(private readonly program: PythonProgram) {}

  /** Hands the weights over as raw float32, one file a parameter. */
  static async load(bundleDir: string, threads: number): Promise<TorchModel> {
    const { config, weights } = readBundle(bundleDir);
    const dir = mkdtempSync(join(tmpdir(), 'circuitscope-torch-'));
    try {
      const specs = parameterSpecs(config);
      for (const { name } of specs) {
        const { buffer, byteOffset, byteLength } = weights.get(name)!;
        writeFileSync(join(dir, name), Buffer.from(buffer, byteOffset, byteLength));
      }
      const kept = Object.fromEntries(SITES.map((site) => [site, keptChannels(config, site)]));
      const shapes = Object.fromEntries(specs.map(({ name, shape }) => [name, shape]));
      const program = new PythonProgram('model_torch.py');
      await program.ask({ ...config, kept, shapes, dir, threads });
      return new TorchModel(program);
    } finally {
      rmSync(dir, { recursive: true });
    }
  }

  /** Log-probabilities (nats) of the token after the last, [vocab]. */
  async logprobs(tokens: readonly number[]): Promise<number[]> {
    return (await this.program.ask<{ logprobs: number[] }>({ do: 'predict', tokens })).logprobs;
  }

  /** Milliseconds of a pass with a hook that keeps every site's activations. */
  async trace(tokens: readonly number[]): Promise<number> {
    return (await this.program.ask<TorchEffects>({ do: 'trace', tokens })).milliseconds;
  }

  /** One hooked forward pass an ablation. */
  effects(
    tokens: readonly number[],
    target: number,
    ablations: readonly TorchAblation[],
    positions: 'all' | 'here',
  ): Promise<TorchEffects> {
    return this.program.ask({ do: 'effects', tokens, target, ablations, positions });
  }

  stop(): void {
    this.program.stop();
  }
}
