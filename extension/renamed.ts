/** Where documents are after people have renamed files or folders. */

/** Scheme and authority, path, and what stands behind it. */
const PARTS = /^([^/]*:(?:\/\/[^/]*)?)(\/[^#?]*)(.*)$/s;
/** A cell of a notebook has the notebook's path under a scheme of its own. */
const CELL = /^vscode-notebook-cell:/;

/** The address of a document after something was renamed: itself, its notebook, or a folder above it. */
export function renamed(uri: string, from: string, to: string): string {
  const [own, old, now] = [uri, from, to].map((text) => PARTS.exec(text));
  if (!own || !old || !now) return uri === from ? to : uri;
  const [, place, path, rest] = own;
  const tail = tailOf(path, old[2]);
  if (tail === null || (place !== old[1] && !CELL.test(uri))) return uri;
  return (place === old[1] ? now[1] : place) + now[2] + tail + rest;
}

/** What follows a path's beginning, if that is all of it or a folder. */
export function tailOf(path: string, start: string): string | null {
  if (path === start) return '';
  return path.startsWith(`${start}/`) ? path.slice(start.length) : null;
}
