/** A large file of which parts are read. */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { DOWNLOAD_AGAIN, ImportError } from './error';

/** Bytes that one system call is asked for: some systems take no more than 2 GiB. */
const PIECE = 2 ** 28;

export class RandomFile {
  private constructor(
    readonly path: string,
    private readonly descriptor: number,
    /** Bytes. */
    readonly size: number,
  ) {}

  /** @throws ImportError when it cannot be read */
  static open(path: string): RandomFile {
    try {
      // A pipe that nobody writes to would be waited for.
      const descriptor = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
      const stat = fstatSync(descriptor);
      if (stat.isFile()) return new RandomFile(path, descriptor, stat.size);
      closeSync(descriptor);
      throw new ImportError(`${path} is not a regular file; give the file as it was downloaded`);
    } catch (error) {
      if (error instanceof ImportError) throw error;
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') throw new ImportError(`${path} is missing; check the folder`);
      throw new ImportError(`${path} cannot be read (${code}); check its permissions`);
    }
  }

  /**
   * Bytes from a place on.
   * @throws ImportError when the file ends before
   */
  read(offset: number, length: number): Buffer {
    if (offset < 0 || length < 0 || offset + length > this.size) {
      throw new ImportError(`${this.path} ends before its content does; ${DOWNLOAD_AGAIN}`);
    }
    const bytes = Buffer.allocUnsafeSlow(length);
    for (let at = 0; at < length;) {
      const piece = Math.min(PIECE, length - at);
      const got = readSync(this.descriptor, bytes, at, piece, offset + at);
      if (got === 0)
        throw new ImportError(`${this.path} became shorter while it was read; ${DOWNLOAD_AGAIN}`);
      at += got;
    }
    return bytes;
  }

  close(): void {
    closeSync(this.descriptor);
  }
}
