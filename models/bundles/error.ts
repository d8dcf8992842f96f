/** What can be wrong with a bundle, said in one line. */
import * as v from 'valibot';

/** A bundle that cannot be written, found or trusted; the message names the file and the remedy. */
export class BundleError extends Error {
  override readonly name = 'BundleError';

  constructor(message: string) {
    // Names and values from a damaged file must not break the line.
    super(message.replace(/[\r\n]+/g, ' '));
  }
}

/** What to do about a file that is damaged. */
export const COPY_AGAIN = 'copy the bundle again from its source';

/** Value of a JSON text in UTF-8; throws a BundleError that names the file and the remedy. */
export function parseJson(bytes: Uint8Array, file: string, remedy = COPY_AGAIN): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new BundleError(`${file} is not JSON in UTF-8; ${remedy}`);
  }
}

/** The value as the schema gives it; throws a BundleError that names file, field and remedy. */
export function parseAs<S extends v.GenericSchema>(
  schema: S,
  value: unknown,
  file: string,
  remedy = COPY_AGAIN,
): v.InferOutput<S> {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const path = v.getDotPath(issue);
  throw new BundleError(`${file}${path ? `, ${path}` : ''}: ${issue.message}; ${remedy}`);
}
