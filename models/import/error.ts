/** A file of somebody else's that cannot be imported, and why, on one line. */
export class ImportError extends Error {
  override readonly name = 'ImportError';

  constructor(message: string) {
    // Names and values from a damaged file must not break the line, nor fill the screen.
    super(message.replace(/\s+/g, ' ').slice(0, 600));
  }
}

/** What to do about a file that is damaged. */
export const DOWNLOAD_AGAIN = 'download it again';
