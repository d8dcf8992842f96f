/**
 * The circuit panel without VS Code around it: the real page under its real policy in a real browser,
 * and the real session on a real model. What VS Code does is only to carry the messages.
 */
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, extname, join } from 'node:path';
import { chromium, type Browser, type Frame, type Page } from 'playwright-core';
import { InterventionStore } from '../../extension/interventions/store';
import { Models } from '../../extension/model/models';
import { NodeMeanings } from '../../extension/nodes/meaning';
import { pageHtml } from '../../extension/panel/html';
import { Requests } from '../../extension/panel/requests';
import { Session } from '../../extension/panel/session';
import { CircuitSource } from '../../extension/panel/source';
import type { Cursor } from '../../extension/panel/viewpoint';
import { Documents } from '../../extension/trace/documents';
import { Traces } from '../../extension/trace/traces';
import { Runtime } from '../../models/runtime/runtime';
import type { ToPanel } from '../../webview/protocol';
import { keptIn, memoryFolder } from '../support/folders';

const DIST = join(import.meta.dirname, '../../dist');
const TYPES: Record<string, string> = { '.js': 'text/javascript', '.css': 'text/css' };
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
];
const START = 300_000;
/** What is there is done soon, or never. */
const ACT = 60_000;

/** Colors of two themes as VS Code gives them. */
export const THEMES = {
  dark: {
    ...{ 'editor-background': '#1f1f1f', 'editor-foreground': '#cccccc', foreground: '#cccccc' },
    ...{ 'circuitscope-bar': '#4f9fe8', 'circuitscope-barChanged': '#f0a63c' },
  },
  light: {
    ...{ 'editor-background': '#ffffff', 'editor-foreground': '#3b3b3b', foreground: '#3b3b3b' },
    ...{ 'circuitscope-bar': '#1a6fc4', 'circuitscope-barChanged': '#b86a00' },
  },
} as const;
/** Its letters. */
const FONT = { 'font-size': '13px', 'font-family': 'system-ui, sans-serif' };

/** A panel at work. */
export interface Stage {
  readonly page: Page;
  readonly frame: Frame;
  readonly session: Session;
  readonly store: InterventionStore;
  readonly runtime: Runtime;
  /** Everything the page printed as a warning or an error, and what its policy refused. */
  readonly problems: readonly string[];
  /** Every message to the page. */
  readonly sent: readonly ToPanel[];
  /** What was exported, by format. */
  readonly exported: Map<string, string>;
  /** What the workspace keeps, by file. */
  readonly files: ReadonlyMap<string, string>;
  /** Tokens that the editor was moved to. */
  readonly revealed: readonly number[];
  /** Puts the cursor on an offset of a text. */
  move(text: string, line: number, character: number): Promise<void>;
  /** Chooses the bundle in a folder. */
  use(dir: string): Promise<Runtime>;
  /** Sends a message of the test's own. */
  post(message: unknown): Promise<void>;
  theme(name: keyof typeof THEMES): Promise<void>;
  close(): Promise<void>;
}

/** What else may stand on the stage. */
export interface Setting {
  /** Another model than one in a worker. */
  readonly runtime?: Runtime;
  /** Hears every message to the page when it is sent. */
  readonly onSend?: (message: ToPanel) => void;
}

/** Opens the panel on a bundle. */
export async function openStage(
  executablePath: string,
  bundleDir: string,
  setting: Setting = {},
): Promise<Stage> {
  const workerFile = join(DIST, 'runtime-worker.js');
  const runtime = setting.runtime ?? (await Runtime.open(bundleDir, { workerFile }));
  const server = await serve();
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const browser: Browser = await chromium.launch({ executablePath, args: FLAGS, timeout: START });
  const page = await browser.newPage({ viewport: { width: 760, height: 1000 } });
  page.setDefaultTimeout(START);
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) problems.push(message.text());
  });
  const log = { info() {}, warn() {}, error() {}, debug() {}, show() {} };
  let opened = runtime;
  const models = new Models(() => Promise.resolve(opened), log);
  const memory = { get: () => undefined, update: () => Promise.resolve() };
  const store = new InterventionStore(memory, () => undefined);
  const { folder, files } = memoryFolder();
  const { labels, notes } = keptIn(folder, (message) => problems.push(message));
  const parts = {
    meanings: new NodeMeanings(models),
    ...{ models, store, log, labels, notes, documents: new Documents(models) },
    ...{ traces: new Traces(models, 2 ** 24), source: new CircuitSource(models) },
  };
  labels.changed.on(() => {
    session.sendLabels();
  });
  notes.changed.on(() => {
    session.sendNotes();
  });
  parts.documents.encoded.on((edit) => {
    notes.follow(edit);
  });
  const sent: ToPanel[] = [];
  const exported = new Map<string, string>();
  const revealed: number[] = [];
  let cursor: Cursor | null = null;
  let posted = Promise.resolve();
  let closing = false;
  const post = (message: unknown) => {
    const script = `window.postMessage(${JSON.stringify(message)}, '*')`;
    posted = posted.then(async () => {
      if (closing) return;
      await page.evaluate(script).catch((error: unknown) => {
        if (!closing) throw error;
      });
    });
    return posted;
  };
  const send = (message: ToPanel) => {
    sent.push(message);
    setting.onSend?.(message);
    void post(message);
  };
  const session = new Session(parts, {
    ...{ cursor: () => cursor, document: () => cursor?.document ?? null },
    ...{ colored: () => null, send },
  });
  const doings = {
    color: () => undefined,
    drawn: () => Promise.resolve(),
    open: () => Promise.resolve(),
    reveal: (_: unknown, token: number) => void revealed.push(token),
    export: (_: unknown, format: string, content: string) =>
      Promise.resolve(void exported.set(format, content)),
  };
  const requests = new Requests(session, parts, doings, send);
  store.changed.on(() => void session.changed());
  models.replaced.on(() => {
    session.forget();
    void session.update();
  });
  await page.exposeFunction('toHost', (data: unknown) => {
    requests.receive(data);
  });
  await page.addInitScript(`
    window.acquireVsCodeApi = () => ({
      postMessage: (data) => void window.toHost(data),
      getState: () => JSON.parse(sessionStorage.getItem('state') ?? 'null') ?? undefined,
      setState: (state) => sessionStorage.setItem('state', JSON.stringify(state)),
    });`);
  const theme = async (name: keyof typeof THEMES) => {
    await page.evaluate(`(([name, colors]) => {
      for (const [key, value] of Object.entries(colors)) {
        document.documentElement.style.setProperty('--vscode-' + key, value);
      }
      document.body.className = 'vscode-' + name;
    })(${JSON.stringify([name, { ...FONT, ...THEMES[name] }])})`);
  };
  await page.goto(`${origin}/`);
  page.setDefaultTimeout(ACT);
  await theme('dark');
  let version = 0;
  return {
    ...{
      page,
      frame: page.mainFrame(),
      session,
      store,
      runtime,
      problems,
      sent,
      exported,
      files,
      revealed,
    },
    move: async (text, line, character) => {
      const uri = { toString: () => 'file:///a.py' };
      if (cursor?.document.getText() !== text) version++;
      cursor = {
        document: { uri, version, getText: () => text },
        place: { line, character },
      };
      await session.update();
      await posted;
    },
    use: async (dir) => {
      opened = await Runtime.open(dir, { workerFile });
      await models.reset();
      return opened;
    },
    post: async (message) => {
      await post(message);
    },
    theme,
    close: async () => {
      session.rest();
      requests.rest();
      // What is under way may still be answered: to nobody.
      closing = true;
      await posted;
      await browser.close();
      server.close();
      await opened.close();
    },
  };
}

/** Serves the page as a webview would. */
async function serve(): Promise<Server> {
  const server = createServer(({ url = '/' }, response) => {
    if (url === '/') {
      const parts = { script: '/panel.js', sheet: '/style.css', source: "'self'", nonce: 'n' };
      response.setHeader('content-type', 'text/html');
      response.end(pageHtml(parts));
      return;
    }
    const type = TYPES[extname(url)];
    if (type === undefined) {
      response.statusCode = url === '/favicon.ico' ? 204 : 404;
      response.end();
      return;
    }
    response.setHeader('content-type', type);
    response.end(readFileSync(join(DIST, 'webview', basename(url))));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}
