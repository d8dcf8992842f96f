/** What the system's codes mean, of a file or folder. */
const MEANINGS: Readonly<Record<string, string>> = {
  EACCES: 'its permissions forbid it',
  ELOOP: 'its symbolic links lead in a circle',
  ENAMETOOLONG: 'its name is too long',
  ENOENT: 'it does not exist',
  ENOTDIR: 'a file stands in its path where a folder should',
};

/** Why the system refused a file or folder, in words where they are known. */
export function systemReason(error: unknown): string {
  const { code = 'unknown error' } = error as NodeJS.ErrnoException;
  return MEANINGS[code] ?? `it cannot be read (${code})`;
}

/** An error's message without line breaks, for people and for other threads. */
export function oneLine(error: unknown): string {
  const message = error instanceof Error ? messageOf(error) : String(error);
  return message.replace(/\s*[\r\n]+\s*/g, ' ').trim();
}

/** What the system says of a path begins with a code, which few people know. */
function messageOf(error: NodeJS.ErrnoException): string {
  const { code = '', path, message } = error;
  const isRaw = path !== undefined && message.startsWith(`${code}: `) && code in MEANINGS;
  return isRaw ? `${path}: ${MEANINGS[code]}; check the path` : message;
}
