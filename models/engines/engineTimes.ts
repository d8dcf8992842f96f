/** How long the engines take on this machine, kept in the cache folder. */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { cpus, homedir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { writeFileAtomic } from '../files';
import { kernelBytes } from '../sparse/machine';

const TimesSchema = v.strictObject({ onnx: v.number(), sparse: v.number() });
const FileSchema = v.record(v.string(), TimesSchema);
type File = v.InferOutput<typeof FileSchema>;

/** Milliseconds of one window, every node read. */
export type PassTimes = v.InferOutput<typeof TimesSchema>;

/** Measurements of one model with one number of threads, by these kernels on this processor. */
export class EngineTimes {
  private constructor(
    private readonly file: string,
    private readonly key: string,
  ) {}

  /** @param hash the bundle's */
  static of(hash: string, threads: number): EngineTimes {
    const kernels = createHash('sha256').update(kernelBytes()).digest('hex').slice(0, 12);
    const processor = cpus()[0]?.model ?? 'unknown processor';
    const key = [hash, `${threads} threads`, processor, `kernels ${kernels}`].join('; ');
    return new EngineTimes(join(cacheFolder(), 'engines.json'), key);
  }

  /** Null when it was not measured. */
  get(): PassTimes | null {
    return this.read()[this.key] ?? null;
  }

  /** Keeps a measurement; a folder that cannot be written to means that the next start measures again. */
  put(times: PassTimes): void {
    const known = this.read();
    const rounded = { onnx: round(times.onnx), sparse: round(times.sparse) };
    const all: File = { ...known, [this.key]: rounded };
    try {
      mkdirSync(cacheFolder(), { recursive: true });
      writeFileAtomic(this.file, `${JSON.stringify(all, null, 2)}\n`);
    } catch {
      // Nothing is lost but time.
    }
  }

  /** What another program left there, or a damaged file, counts as nothing. */
  private read(): File {
    try {
      const result = v.safeParse(FileSchema, JSON.parse(readFileSync(this.file, 'utf8')));
      return result.success ? result.output : {};
    } catch {
      return {};
    }
  }
}

const round = (milliseconds: number) => Number(milliseconds.toFixed(2));

/** The cache folder: as XDG_CACHE_HOME says, or where the system has it. */
function cacheFolder(): string {
  const base = process.env.XDG_CACHE_HOME || process.env.LOCALAPPDATA || join(homedir(), '.cache');
  return join(base, 'circuitscope');
}
