/** A file that could not be written, said in one line that names it. */

/** What to do, by the system's code; every other failure may pass. */
const ADVICE: Readonly<Record<string, string>> = {
  EACCES: 'choose a place that you may write to',
  EPERM: 'choose a place that you may write to',
  EROFS: 'choose a place that can be written to',
};
const MAKE_ROOM = 'make room and try again';

/** The disk is full, a limit is reached, or the place cannot be written to. */
class UnwrittenError extends Error {
  override readonly name = 'UnwrittenError';
  /** Of the system, e.g. ENOSPC. */
  readonly code: string;

  constructor(file: string, code: string, cause: unknown) {
    super(`${file} cannot be written (${code}); ${ADVICE[code] ?? MAKE_ROOM}`, { cause });
    this.code = code;
  }
}

/**
 * Runs what writes a file or a folder's files.
 * @param file named in the error
 * @throws UnwrittenError instead of the system's error; others go on as they are
 */
export function writing<T>(file: string, write: () => T): T {
  try {
    return write();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined || error instanceof UnwrittenError) throw error;
    throw new UnwrittenError(file, code, error);
  }
}
