import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const style = readFileSync('webview/style.css', 'utf8');

/** Bodies of the rules for exactly these selectors. */
const bodies = (selectors: string): string[] =>
  [...style.matchAll(/([^{}]+)\{([^{}]*)\}/g)]
    .filter(([, own]) => own.replace(/\/\*.*?\*\//gs, '').trim() === selectors)
    .map(([, , body]) => body);

describe('in high contrast', () => {
  it('no text fades out: whoever chose it could not read that', () => {
    const faded = [...style.matchAll(/([^{}]+)\{[^{}]*mask-image: linear[^{}]*\}/g)];
    const selectors = faded.map(([, own]) => own.replace(/\/\*.*?\*\//gs, '').trim());
    expect(selectors).toContain('.story');
    for (const own of selectors) {
      const kinds = ['high-contrast', 'high-contrast-light'].map(
        (kind) => `.vscode-${kind} ${own}`,
      );
      expect(bodies(kinds.join(',\n')).join(), own).toContain('mask-image: none');
    }
  });
});
