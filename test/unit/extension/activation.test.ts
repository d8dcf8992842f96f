/** The extension as the editor starts it, on a model that is stood in for: what hangs together in `main.ts`. */
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  close,
  commands,
  documentOf,
  editorOf,
  hoverProviders,
  moveCursor,
  opened,
  people,
  Position,
  rename,
  reset,
  retype,
  seen,
  show,
  Uri,
} from '../../support/fakeEditor';
import type { MarkdownString } from '../../support/editorValues';

vi.mock('vscode', () => import('../../support/fakeEditor'));
const model = vi.hoisted(() => ({
  open: (): unknown => undefined,
  /** What runtimes were opened with. */
  opened: [] as unknown[],
}));
vi.mock('../../../models/runtime/runtime', () => ({
  Runtime: {
    open: (dir: string, options: object) => {
      model.opened.push({ dir, ...options });
      return Promise.resolve(model.open());
    },
  },
}));
vi.mock('../../../extension/model/platform', () => ({
  platformProblem: () => null,
  thisMachine: () => null,
}));
vi.mock('../../../extension/model/bundles', () => ({
  bundleFolder: () => '/bundle',
  cardFacts: () => Promise.resolve({ loss: null, bridgedTo: null }),
}));
const { activate, deactivate } = await import('../../../extension/main');
const { fakeRuntime, NODE } = await import('../panel/fakeModel');
type Context = Parameters<typeof activate>[0];

/** A machine may have much else to do. */
const PATIENCE = { timeout: 20_000 };
const URI = 'file:///a.py';
/** Every letter is a token. */
const TEXT = 'abcdefghijklmnopqrstuvwxyz';

/** The extension, started in a window that remembers what one before it did. */
function started(memory = new Map<string, unknown>(), fake = fakeRuntime('a', 'dense')) {
  model.open = () => fake.runtime;
  const remembered = {
    get: (key: string) => memory.get(key),
    // As the editor keeps it.
    update: (key: string, value: unknown) =>
      Promise.resolve(void memory.set(key, JSON.parse(JSON.stringify(value)))),
  };
  const subscriptions: { dispose(): void }[] = [];
  activate({
    ...{ subscriptions, workspaceState: remembered, globalState: remembered },
    ...{ asAbsolutePath: (path: string) => path, extensionUri: Uri.file('/extension') },
    ...{ extension: { id: 'a.circuitscope' }, globalStorageUri: Uri.file('/storage') },
  } as unknown as Context);
  const end = async () => {
    for (const one of subscriptions.splice(0)) one.dispose();
    await deactivate();
  };
  ends.push(end);
  /** What a hover says at a character of a document, which is read in its newest version. */
  const hover = async (document: ReturnType<typeof documentOf>, character: number) => {
    const position = new Position(0, character);
    const said = [...hoverProviders].map((provider) =>
      provider.provideHover(document, position, { isCancellationRequested: false }),
    );
    const [first] = await Promise.all(said);
    return (first?.contents as MarkdownString | undefined)?.value;
  };
  const set = () => memory.get('interventions') as { entries: Ablated[] } | undefined;
  /** Tokens of the ablations, and null for one that is lost. */
  const tokens = () => set()?.entries.map(({ where: { at } }) => (at.lost ? null : at.token)) ?? [];
  /** Where ablations were in force when the model last ran. */
  const inForce = () =>
    fake.ablated.splice(0).map((one) => (one as { positions: unknown }).positions);
  const run = (name: string, argument?: unknown) =>
    commands.executeCommand(`circuitscope.${name}`, argument);
  /** Ablates a node at one character of a document. */
  const ablate = async (character: number) => {
    const place = { uri: URI, line: 0, character };
    expect(await run('ablateNode', { ...place, node: NODE })).toBe(true);
  };
  return { fake, memory, hover, tokens, inForce, run, ablate, end };
}
interface Ablated {
  readonly where: { readonly at: { readonly token: number; readonly lost: boolean } };
}

const ends: (() => Promise<void>)[] = [];
beforeEach(() => {
  reset();
  // Its first choices are the mean, and only at this token.
  people.chooses = ([first]) => first;
  opened.settings = { unfamiliarText: false };
});
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

/** A file, open and in front. */
function file(text = TEXT) {
  const editor = editorOf(documentOf(URI, text), 0, 0);
  show(editor);
  return { editor, document: editor.document };
}

it('the model is told where the shipped ones are, among which its dense model may be', async () => {
  const { document } = file();
  const { hover } = started();
  model.opened = [];
  await hover(document, 3);
  expect(model.opened).toMatchObject([
    { dir: '/bundle', bundlesDir: join('models', 'bundles'), engine: 'auto' },
  ]);
});

describe('an ablation at a token', () => {
  it('goes along with the text, undone and done again too: 7, five more before it, 12', async () => {
    const { document } = file();
    const { hover, tokens, inForce, run, ablate } = started();
    await ablate(7);
    expect(tokens()).toEqual([7]);
    await run('clearAblations');
    retype(document, `vwxyz${TEXT}`);
    await hover(document, 12);
    await run('undo');
    expect(tokens()).toEqual([12]);
    inForce();
    await hover(document, 14);
    expect(inForce()[0]).toEqual({ at: 12 });
    // What is in force moves as well, and so does what can be done again.
    retype(document, `uvwxyz${TEXT}`);
    await hover(document, 14);
    expect(tokens()).toEqual([13]);
    await run('undo');
    retype(document, TEXT);
    await hover(document, 14);
    await run('redo');
    expect(tokens()).toEqual([7]);
  });

  it('goes along where the same stands all around it', async () => {
    const text = 'ab'.repeat(30);
    const { document } = file(text);
    const { hover, tokens, ablate } = started();
    await ablate(40);
    retype(document, `cd${text}`);
    await hover(document, 1);
    expect(tokens()).toEqual([42]);
  });

  it('is kept when its token is typed over, lost, and there again when that is undone', async () => {
    const { document } = file();
    const { hover, tokens, inForce, ablate } = started();
    await ablate(7);
    retype(document, TEXT.replace('h', 'a'));
    await hover(document, 8);
    expect(tokens()).toEqual([null]);
    inForce();
    await hover(document, 9);
    expect(inForce()).toEqual([]);
    retype(document, TEXT);
    await hover(document, 8);
    expect(tokens()).toEqual([7]);
  });

  it('is found when its file is closed, changed and opened again', async () => {
    const { editor, document } = file();
    const { hover, tokens, inForce, ablate } = started();
    await ablate(7);
    await hover(document, 8);
    close(editor);
    const again = file(`vwxyz${TEXT}`);
    await hover(again.document, 14);
    expect(tokens()).toEqual([12]);
    inForce();
    await hover(again.document, 15);
    expect(inForce()[0]).toEqual({ at: 12 });
  });

  it('is found in the next window, with the file changed meanwhile', async () => {
    file();
    const before = started();
    await before.ablate(7);
    await before.end();
    const { document } = file(`vwxyz${TEXT}`);
    const { hover, tokens } = started(before.memory);
    await hover(document, 14);
    expect(tokens()).toEqual([12]);
  });

  it('goes along with a file that is renamed', async () => {
    file();
    const { hover, inForce, ablate } = started();
    await ablate(7);
    rename(Uri.parse(URI), Uri.parse('file:///b.py'));
    inForce();
    await hover(documentOf('file:///b.py', TEXT), 8);
    expect(inForce()[0]).toEqual({ at: 7 });
  });

  it('is put at the token at the cursor, one that is lost too', async () => {
    const { editor, document } = file();
    const { hover, tokens, inForce, run, ablate } = started();
    await ablate(7);
    const item = { kind: 'ablation', index: 0 };
    moveCursor(editor, 0, 3);
    expect(await run('placeAblation', item)).toBe(true);
    expect(tokens()).toEqual([3]);
    await run('undo');
    expect(tokens()).toEqual([7]);
    retype(document, TEXT.replace('h', 'a'));
    await hover(document, 8);
    expect(tokens()).toEqual([null]);
    moveCursor(editor, 0, 5);
    expect(await run('placeAblation', item)).toBe(true);
    inForce();
    await hover(document, 9);
    expect(inForce()[0]).toEqual({ at: 5 });
    for (const gone of [{ kind: 'ablation', index: 1 }, undefined]) {
      expect(await run('placeAblation', gone)).toBe(false);
      expect(seen.messages.pop()!.text).toMatch(/choose an ablation in the side bar/);
    }
  });

  it('of another model is put nowhere', async () => {
    file();
    const before = started();
    await before.ablate(7);
    await before.end();
    const { run, tokens } = started(before.memory, fakeRuntime('b'));
    expect(await run('placeAblation', { kind: 'ablation', index: 0 })).toBe(false);
    expect(seen.messages.at(-1)!.text).toMatch(/for another model, fake; choose that model first/);
    expect(tokens()).toEqual([7]);
  });
});

describe('a panel that stays at a token', () => {
  /** Tokens that the panels are about. */
  const about = () =>
    seen.panels.map(({ posted }) => {
      const told = posted.findLast(({ type }) => type === 'subject');
      return (told as { subject?: { cursor: { token: number } } } | undefined)?.subject?.cursor
        .token;
    });

  it('goes along with the text, and is there when its file is opened again', async () => {
    const { editor, document } = file();
    const { hover, run } = started();
    await run('openAnotherCircuit', { uri: URI, line: 0, character: 7 });
    await expect.poll(about, PATIENCE).toEqual([7]);
    retype(document, `vwxyz${TEXT}`);
    await hover(document, 1);
    await expect.poll(about, PATIENCE).toEqual([12]);
    close(editor);
    const other = editorOf(documentOf('file:///b.py', TEXT), 0, 2);
    show(other);
    await expect.poll(about, PATIENCE).toEqual([2]);
    file(`uvwxyz${TEXT}`);
    await expect.poll(about, PATIENCE).toEqual([13]);
  });

  it('goes along with a file that is renamed', async () => {
    file();
    const { run } = started();
    await run('openAnotherCircuit', { uri: URI, line: 0, character: 7 });
    await expect.poll(about, PATIENCE).toEqual([7]);
    const named = Uri.parse('file:///b.py');
    show(editorOf(documentOf(named.toString(), TEXT), 0, 2));
    await expect.poll(about, PATIENCE).toEqual([2]);
    rename(Uri.parse(URI), named);
    show(editorOf(documentOf(named.toString(), TEXT), 0, 2));
    await expect.poll(about, PATIENCE).toEqual([7]);
  });
});

describe('a command that is under way', () => {
  /** Lets the model answer only when it is opened. */
  const gated = (fake: ReturnType<typeof fakeRuntime>) => {
    let open: () => void = () => undefined;
    fake.gate.wait = new Promise((resolve) => (open = resolve));
    return open;
  };

  it.each(['showPrediction', 'ablateNode', 'showEffects'])(
    'is not ended by hovers over other tokens: %s',
    async (name) => {
      const { document } = file();
      const { fake, hover, run } = started();
      // The first words from the model, so that what follows waits for the pass of the command.
      await hover(document, 1);
      const open = gated(fake);
      const argument = {
        uri: URI,
        line: 0,
        character: 7,
        ...(name === 'ablateNode' && { node: NODE }),
      };
      const done = run(name, argument);
      await expect.poll(() => fake.calls, PATIENCE).toContain('trace 7 0');
      const hovers = [9, 7, 11].map((character) => hover(document, character));
      // The list of effects waits for a person.
      await expect.poll(() => fake.calls, PATIENCE).toContain('trace 11 0');
      open();
      await Promise.all(hovers);
      if (name === 'showEffects') {
        await expect.poll(() => seen.picks.length, PATIENCE).toBe(1);
        seen.picks[0].dispose();
      }
      expect(await done).toBe(true);
      expect(seen.messages).toEqual([]);
    },
  );
});

describe('a node that the model does not have', () => {
  it.each(['ablateNode', 'steerNode', 'highlightNode', 'steerDense'])(
    'is refused by %s in one clear line, and nothing is done',
    async (name) => {
      file();
      const { run, tokens } = started();
      const place = { uri: URI, line: 0, character: 7 };
      for (const [node, why] of [
        ['9.mlp.post_act.3', /9\.mlp\.post_act\.3.*layers 0 to 1/],
        ['0.mlp.post_act.99999', /0\.mlp\.post_act\.99999.*0 to 31/],
        ['0.nothing.3', /0\.nothing\.3/],
        ['../../etc/passwd', /etc\/passwd/],
      ] as const) {
        expect(await run(name, { ...place, node })).toBe(false);
        const { kind, text } = seen.messages.at(-1)!;
        expect(kind).toBe('error');
        expect(text).toMatch(/^Circuitscope: [^\n]+$/);
        expect(text).toMatch(why);
      }
      expect([seen.picks, seen.lists, seen.panels, tokens()]).toEqual([[], [], [], []]);
      expect(seen.statusBar.map(({ text }) => text).join()).not.toContain('symbol-color');
      expect(seen.messages).toHaveLength(4);
    },
  );
});

describe('a hover', () => {
  it('is no line of the log, whatever it asked of the model', async () => {
    const { document } = file();
    const { fake, hover } = started();
    await hover(document, 3);
    const before = [...seen.log];
    for (const character of [4, 5, 6]) await hover(document, character);
    expect(fake.calls).toContain('trace 6 0');
    expect(seen.log).toEqual(before);
  });

  it('says something of Python that people write, and nothing of what only looks like it', async () => {
    file();
    const { fake, hover } = started();
    for (const uri of [
      'git:///a.py',
      'gitfs:///a.py',
      'vscode-chat-code-block:///a.py',
      'vscode-local-history:///a.py',
      'output:///a.py',
    ]) {
      expect(await hover(documentOf(uri, TEXT), 3), uri).toBeUndefined();
    }
    expect(await hover(documentOf('file:///a.txt', TEXT, 'plaintext'), 3)).toBeUndefined();
    // Not even the model was asked.
    expect(fake.calls).toEqual([]);
    for (const uri of [URI, 'untitled:Untitled-1', 'vscode-notebook-cell:///a.ipynb#W0']) {
      expect(await hover(documentOf(uri, TEXT), 3), uri).toContain('command:circuitscope.');
    }
  });
});

it('the walkthrough opens with the first Python file where that is set, once for a person', async () => {
  const walkthroughs = () =>
    seen.commands.filter(([id]) => id === 'workbench.action.openWalkthrough');
  const memory = new Map<string, unknown>();
  await started(memory).end();
  expect(walkthroughs()).toEqual([]);
  opened.settings = { unfamiliarText: false, startWithWalkthrough: true };
  for (let i = 0; i < 2; i++) {
    const { end } = started(memory);
    await expect.poll(() => memory.get('welcomed')).toBe(true);
    await end();
  }
  expect(walkthroughs()).toEqual([
    ['workbench.action.openWalkthrough', 'a.circuitscope#start', false],
  ]);
});
