/** Runs the command line as people do: a process, its output, its exit code. */
import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { built } from '../runtime/built';
import { bundleIn, randomParts, temporaryFolder, vocabConfig } from '../runtime/bundles';

export const text = 'def add(a, b):\n    return a + b\n\n\nprint(add(1, 2))\n';

export interface Candidate {
  id: number;
  text: string;
  shown: string;
  logprob: number;
}
export interface Prediction {
  predictions: Candidate[];
  next: Candidate | null;
}
/** What `trace --json` prints. */
export interface TraceReport extends Prediction {
  bundle: { name: string; hash: string };
  window: { start: number; end: number };
  token: { index: number; id: number; text: string; start: number; end: number };
  nodes: {
    node: string;
    activation: number;
    effect?: number;
    label?: object | null;
    about?: string;
  }[];
  target?: { id: number; text: string | null };
  measured?: { nodes: number; of: number };
  lens?: {
    target: { id: number };
    rows: { layers: number; top: { id: number; logprob: number }; logprob: number; rank: number }[];
  };
  before?: Prediction;
}
/** What `loss --json` prints. */
export interface LossReport {
  files: number;
  skipped: { file: string; reason: string }[];
  tokens: number;
  bytes: number;
  nats_per_token: number;
  bits_per_byte: number;
  first_share: number;
  first_five_share: number;
  bigram_nats_per_token: number;
}

/** Arguments of a place. */
export const at = (line: number, column: number) => [
  '--line',
  String(line),
  '--column',
  String(column),
];

/** The built program, a folder of its own, a random bundle and a Python file in it. */
export class Program {
  readonly cli = built('cli.js');
  readonly parts = randomParts(vocabConfig());
  readonly dir: string;
  readonly bundle: string;
  readonly python: string;
  private readonly folder = temporaryFolder();

  constructor() {
    built('runtime-worker.js');
    this.dir = this.folder.dir;
    this.bundle = bundleIn(this.dir, this.parts);
    this.python = this.file('add.py', text);
  }

  remove(): void {
    this.folder.remove();
  }

  /** Writes a file and returns its path. */
  file(name: string, content: string | Uint8Array): string {
    const path = join(this.dir, name);
    writeFileSync(path, content);
    return path;
  }

  /** Standard output of a run that must succeed. */
  run(...args: string[]): string {
    return this.runIn(process.cwd(), ...args);
  }

  /** The same of a run in another working directory. */
  runIn(cwd: string, ...args: string[]): string {
    return execFileSync(process.execPath, [this.cli, ...args], { encoding: 'utf8', cwd });
  }

  /** JSON that a run on the random bundle prints. */
  trace(...args: string[]): TraceReport {
    return this.json('trace', args) as TraceReport;
  }

  loss(...args: string[]): LossReport {
    return this.json('loss', args) as LossReport;
  }

  /** The one line on standard error of a run that must fail. */
  failure(...args: string[]): string {
    const { status, stdout, stderr } = spawnSync(process.execPath, [this.cli, ...args], {
      encoding: 'utf8',
    });
    expect(status).toBeGreaterThan(0);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^circuitscope: [^\n]+\n$/);
    expect(stderr).not.toMatch(/\bat .*:\d+:\d+/);
    return stderr;
  }

  private json(command: string, args: string[]): unknown {
    return JSON.parse(this.run(command, ...args, '--bundle', this.bundle, '--json'));
  }
}
