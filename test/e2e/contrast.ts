/** How well the texts of a page stand out. */
import type { Frame } from 'playwright-core';

/**
 * Texts in sight whose contrast with what is painted behind them (WCAG 2.2: 1 to 21) is below a number,
 * each with its contrast. What is disabled may be faint, and the toolkit's own elements are left out.
 */
export function faintTexts(frame: Frame, least: number): Promise<string[]> {
  return frame.evaluate<string[]>(`((least) => {
    const pixel = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    /** Red, green, blue and alpha, from 0 to 1, of a color in whatever form. */
    const rgba = (color) => {
      pixel.clearRect(0, 0, 1, 1);
      pixel.fillStyle = color;
      pixel.fillRect(0, 0, 1, 1);
      return [...pixel.getImageData(0, 0, 1, 1).data].map((part) => part / 255);
    };
    const paint = (below, [r, g, b, a]) =>
      [r, g, b].map((part, i) => part * a + below[i] * (1 - a));
    const luminance = (color) => {
      const [r, g, b] = color.map((part) =>
        part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const ancestors = (element) => {
      const all = [];
      for (let one = element; one; one = one.parentElement) all.unshift(one);
      return all;
    };
    const contrast = (element) => {
      const path = ancestors(element).map((one) => getComputedStyle(one));
      const back = path.reduce((below, style) => paint(below, rgba(style.backgroundColor)), [0, 0, 0]);
      const own = path.at(-1);
      const [r, g, b, a] = rgba(element instanceof SVGElement ? own.fill : own.color);
      const opacity = path.reduce((product, style) => product * Number(style.opacity), a);
      const lights = [back, paint(back, [r, g, b, opacity])].map(luminance).sort((x, y) => y - x);
      return (lights[0] + 0.05) / (lights[1] + 0.05);
    };
    const skipped = 'script, style, :disabled, [aria-disabled="true"], vscode-button, vscode-dropdown, vscode-option, vscode-text-field';
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const faint = [];
    while (walker.nextNode()) {
      const text = walker.currentNode.textContent.trim();
      const element = walker.currentNode.parentElement;
      if (text === '' || element.closest(skipped)) continue;
      if (!element.checkVisibility({ visibilityProperty: true })) continue;
      const found = contrast(element);
      if (found < least) faint.push(element.tagName + '.' + element.getAttribute('class') + ' ' + text.slice(0, 40) + ': ' + found.toFixed(1));
    }
    return faint;
  })(${least})`);
}
