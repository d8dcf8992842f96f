import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { LINKED_COMMANDS } from '../../../extension/hover/links';

const root = new URL('../../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');

interface Manifest {
  icon: string;
  contributes: {
    commands: { command: string; title: string; category: string }[];
    menus: Record<string, { command?: string; when?: string; group?: string }[]>;
    colors: { id: string; defaults: Record<string, string> }[];
    configuration: {
      properties: Record<string, { default: unknown; markdownDescription: string; scope?: string }>;
    };
    views: { circuitscope: { id: string }[] };
    viewsWelcome: { view: string; contents: string }[];
    walkthroughs: {
      steps: { description: string; completionEvents: string[]; media: { markdown: string } }[];
    }[];
  };
}
const english = JSON.parse(read('package.nls.json')) as Record<string, string>;
const { icon, contributes } = JSON.parse(
  read('package.json').replace(/"%([\w.-]+)%"/g, (_, key: string) => JSON.stringify(english[key])),
) as Manifest;
const declared = contributes.commands.map(({ command }) => command);

/** Page and text of the editor's own themes, and the least contrast of text (WCAG 2.2, AA and AAA). */
const THEMES = {
  dark: { background: '#1f1f1f', text: '#cccccc', least: 4.5 },
  light: { background: '#ffffff', text: '#3b3b3b', least: 4.5 },
  highContrast: { background: '#000000', text: '#ffffff', least: 7 },
  highContrastLight: { background: '#ffffff', text: '#292929', least: 7 },
};
type Rgb = readonly number[];
const rgb = (hex: string): Rgb => hex.match(/\w\w/g)!.map((pair) => parseInt(pair, 16));

/** A color on a page, as it is seen. */
function over(hex: string, page: string): Rgb {
  const [r, g, b, alpha = 255] = rgb(hex);
  const below = rgb(page);
  return [r, g, b].map((own, i) => below[i] + ((own - below[i]) * alpha) / 255);
}

/** Contrast of two colors as WCAG 2.2 defines it, 1 to 21. */
function contrast(one: Rgb, other: Rgb): number {
  const luminance = (color: Rgb) => {
    const [r, g, b] = color.map((part) =>
      part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4,
    );
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const [darker, lighter] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

/** Sources of a folder of the extension, in one text. */
const sources = (folder: string) =>
  readdirSync(new URL(folder, root))
    .filter((file) => file.endsWith('.ts'))
    .map((file) => read(`${folder}/${file}`))
    .join('\n');

describe('the manifest', () => {
  it('declares exactly the commands that there are', () => {
    const found = [...sources('extension/commands').matchAll(/id: '(circuitscope\.\w+)'/g)];
    expect(declared.toSorted()).toEqual(found.map(([, id]) => id).toSorted());
    for (const { category, title } of contributes.commands) {
      expect(category).toBe('Circuitscope');
      expect(title).toMatch(/^[A-Z]/);
    }
  });

  it('names only commands that there are, in menus, links and the walkthrough', () => {
    const inMenus = Object.values(contributes.menus).flatMap((items) =>
      items.flatMap(({ command }) => command ?? []),
    );
    const steps = contributes.walkthroughs.flatMap(({ steps }) => steps);
    const inSteps = steps.flatMap(({ description }) =>
      [...description.matchAll(/\(command:([\w.]+)/g)].map(([, id]) => id),
    );
    expect(inSteps.length).toBeGreaterThanOrEqual(steps.length);
    const inViews = contributes.viewsWelcome.flatMap(({ contents }) =>
      [...contents.matchAll(/\(command:([\w.]+)/g)].map(([, id]) => id),
    );
    // The editor makes a command to show each view.
    const views = contributes.views.circuitscope.map(({ id }) => `${id}.focus`);
    for (const id of [...inMenus, ...LINKED_COMMANDS, ...inSteps, ...inViews]) {
      expect([...declared, ...views]).toContain(id);
    }
  });

  it('has the circuit at hand above a Python file, and what is done with rows of the side bar at them', () => {
    const { menus, views, viewsWelcome } = contributes;
    expect(menus['editor/title']).toMatchObject([
      {
        ...{ command: 'circuitscope.openCircuit', group: expect.stringMatching(/^navigation/) },
        when: expect.stringContaining('editorLangId == python'),
      },
    ]);
    const of = (menu: string, view: string) =>
      menus[menu]
        .filter(({ when }) => when!.includes(`view == circuitscope.${view}`))
        .map(({ command }) => command!.replace('circuitscope.', ''));
    expect(of('view/title', 'ablations')).toEqual(
      expect.arrayContaining(['undo', 'redo', 'clearAblations', 'saveSet', 'loadSet', 'shareSet']),
    );
    expect(of('view/item/context', 'ablations')).toEqual(['removeAblation', 'placeAblation']);
    expect(of('view/title', 'circuits')).toEqual(
      expect.arrayContaining(['findCircuit', 'findCircuitForPairs', 'openCircuitFile']),
    );
    expect(of('view/item/context', 'circuits')).toEqual([
      ...['ablateCircuit', 'verifyCircuit', 'explainCircuit', 'ablateAllButCircuit'],
      'circuitNodes',
    ]);
    // What is empty has buttons.
    for (const { id } of views.circuitscope) {
      const welcome = viewsWelcome.find(({ view }) => view === id);
      expect(welcome?.contents, id).toMatch(/^\[[^\]]+\]\(command:/m);
    }
  });

  it('ticks a step of the walkthrough when what it does has worked, not when it was tried', () => {
    const tour = read('extension/commands/tour.ts');
    for (const { description, completionEvents } of contributes.walkthroughs[0].steps) {
      const step = /command:circuitscope\.tour\?([^)]*)/.exec(description)?.[1];
      if (step === undefined) continue;
      const [{ step: name }] = JSON.parse(decodeURIComponent(step)) as { step: string }[];
      expect(completionEvents).toEqual([`onContext:circuitscope.tour.${name}`]);
      expect(tour).toContain(`'${name}'`);
    }
  });

  it('has the files that it names', () => {
    const media = contributes.walkthroughs.flatMap(({ steps }) => steps.map((step) => step.media));
    for (const path of [icon, ...media.map(({ markdown }) => markdown)]) {
      expect(existsSync(new URL(path, root)), path).toBe(true);
    }
  });

  it('writes what a step says as the editor reads it, which is not Markdown', () => {
    for (const language of ['package.nls.json', 'package.nls.zh-cn.json']) {
      const texts = Object.entries(JSON.parse(read(language)) as Record<string, string>);
      for (const [key, text] of texts.filter(([key]) => key.startsWith('walkthrough.'))) {
        // ``code`` and __italics__; one of each sign would be shown as it is.
        expect(text.replaceAll('``', ''), `${language} ${key}`).not.toMatch(/[`*]|(?<!_)_(?!_)/);
      }
    }
  });

  it('has a picture for each step of the walkthrough, small, in either language', () => {
    for (const { media } of contributes.walkthroughs.flatMap(({ steps }) => steps)) {
      for (const path of [media.markdown, media.markdown.replace(/md$/, 'nls.zh-cn.md')]) {
        const pictures = [...read(path).matchAll(/!\[([^\]]+)\]\(([\w.]+)\)/g)];
        expect(pictures, path).toHaveLength(1);
        const [[, , name]] = pictures;
        const file = new URL(name, new URL(path, root));
        expect(existsSync(file), name).toBe(true);
        expect(statSync(file).size, name).toBeLessThan(60_000);
      }
    }
  });

  it.each(Object.keys(THEMES) as (keyof typeof THEMES)[])(
    'has colors under which text can be read, and lines that can be seen, in themes of kind %s',
    (kind) => {
      const { background, text, least } = THEMES[kind];
      const of = new Map(
        contributes.colors.map(({ id, defaults }) => [id.replace('circuitscope.', ''), defaults[kind]]), // prettier-ignore
      );
      for (const part of ['surprise', 'positive', 'negative']) {
        const levels = [1, 2, 3, 4].map((level) => over(of.get(`${part}${level}`)!, background));
        const shown = levels.map((level) => contrast(level, rgb(background)));
        // The more, the stronger, and the weakest is told from none.
        expect(shown, part).toEqual(shown.toSorted((a, b) => a - b));
        expect(shown[0], part).toBeGreaterThan(1.05);
        for (const level of levels) expect(contrast(level, rgb(text)), part).toBeGreaterThan(least);
      }
      for (const name of ['bar', 'barChanged', 'concept', 'unfamiliar']) {
        expect(contrast(over(of.get(name)!, background), rgb(background)), name).toBeGreaterThan(3);
      }
      // In high contrast a line grows with the level; elsewhere there is none.
      for (const name of ['surpriseLine', 'positiveLine', 'negativeLine']) {
        const line = contrast(over(of.get(name)!, background), rgb(background));
        if (kind.startsWith('high')) expect(line, name).toBeGreaterThan(3);
        else expect(line, name).toBe(1);
      }
    },
  );

  it('gives every color a value in every kind of theme', () => {
    const colors = contributes.colors.map(({ id }) => id);
    for (const { id, defaults } of contributes.colors) {
      expect(Object.keys(defaults)).toEqual(Object.keys(THEMES));
      for (const value of Object.values(defaults)) expect(value, id).toMatch(/^#(\w\w){3,4}$/);
      // What is made for a dark page is not what is made for a light one.
      if (!id.endsWith('Line')) expect(defaults['dark'], id).not.toBe(defaults['light']);
      expect(defaults['highContrast'], id).not.toBe(defaults['highContrastLight']);
    }
    // Each is used; names are put together of what they stand for and a level.
    const code = ['extension/decorations', 'extension/hover', 'webview'].map(sources).join('\n');
    const named = [...code.matchAll(/circuitscope[.-](\w+|\$\{sign\}\w*)(\$\{[^}]*\})?/g)];
    const used = named.flatMap(([, name, level]) => {
      const names = name.startsWith('${sign}')
        ? ['positive', 'negative'].map((sign) => name.replace('${sign}', sign))
        : [name];
      return names.flatMap((one) =>
        level === undefined ? [one] : [1, 2, 3, 4].map((n) => `${one}${n}`),
      );
    });
    for (const id of colors) expect(used, id).toContain(id.replace('circuitscope.', ''));
  });

  it('describes every setting that is read, with the same default', () => {
    const { properties } = contributes.configuration;
    const reads = [...read('extension/settings.ts').matchAll(/read\('(\w+)', ('?[\w-]+'?)\)/g)];
    expect(reads.map(([, key]) => `circuitscope.${key}`).toSorted()).toEqual(
      Object.keys(properties).toSorted(),
    );
    for (const [, key, value] of reads) {
      const property = properties[`circuitscope.${key}`];
      expect(String(property.default)).toBe(value.replaceAll("'", ''));
      expect(property.markdownDescription).toMatch(/\.$/);
    }
  });

  it('leaves what is of the machine to the machine, and no folder of somebody else’s', () => {
    const { properties } = contributes.configuration;
    const scoped = Object.entries(properties).filter(([, { scope }]) => scope !== undefined);
    expect(
      scoped.map(([key, { scope }]) => `${key.replace('circuitscope.', '')} ${scope}`),
    ).toEqual(
      ['bundle', 'threads', 'engine', 'cacheMegabytes'].map((key) => `${key} machine-overridable`),
    );
  });
});
