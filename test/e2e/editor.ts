/** A VS Code of a test's own: a server, a page in a browser, and what went wrong in either. */
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import { inject } from 'vitest';
import { freePort } from '../../tools/processes.mjs';
import { launchVsCode, type RunningVsCode } from '../../tools/vscode.mjs';
import { PATIENCE, START_PATIENCE } from './patience';

/** Without network, a graphics card or a user of its own. */
const BROWSER_FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
/**
 * The tiny random model, and nothing that moves by itself or follows every key: what VS Code draws for
 * its own sake is drawn by the processor here. In the browser it also saves by itself, which would undo
 * the difference from the disk.
 */
const settingsOfAll = (bundle: string) => ({
  'circuitscope.bundle': bundle,
  'files.autoSave': 'off',
  'workbench.reduceMotion': 'on',
  'editor.cursorBlinking': 'solid',
  'editor.minimap.enabled': false,
  'editor.wordBasedSuggestions': 'off',
});
/**
 * An error is of this extension when it names it, one of its commands or its folder, in its text, in its
 * stack or in the address that it comes from. All else that VS Code logs is its own affair: that there is
 * no network, that its page was closed while it was writing, and the like.
 */
const OURS = /Circuitscope|circuitscope\./;
/** What runs in a web view is the extension's page, or one that VS Code opened for it. */
const WEB_VIEW = /\/webview\//;

/** What VS Code's own frame around a web view throws when that is closed before it is drawn. */
const CLOSED_EARLY =
  /^\w*Error: (Found unexpected null|Cannot read properties of null)[^\n]*(\n\s+at [^\n]*\/webview\/browser\/pre\/index\.html[^\n]*)+$/;

/** A start, and nothing else, is tried again when it fails: VS Code's server itself waits for 10 s only. */
const STARTS = 3;

/** What a test may choose. */
export interface EditorOptions {
  /** Files of the workspace by name, on top of the samples. */
  readonly files?: Readonly<Record<string, string>>;
  /** File that is open at the start. */
  readonly open?: string;
  /** User settings; the tiny random model is the default. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Adds to the folder before VS Code opens it. */
  readonly prepare?: (folder: string) => void;
  /** Whether VS Code asks if the folder is trusted; else it is. */
  readonly asksForTrust?: boolean;
}

/** How long the extension host's thread was held at one time, in ms. */
export interface Held {
  /** When, as of `Date.now()`. */
  readonly at: number;
  /** By the clock, and on the processor: a busy machine makes others wait. */
  readonly wall: number;
  readonly cpu: number;
}

/** Megabytes in memory at one time. */
export interface Memory {
  /** When, as of `Date.now()`. */
  readonly at: number;
  /** Number of the extension host's process. */
  readonly pid: number;
  /** All of that process, the model's native memory included. */
  readonly process: number;
  /** What JavaScript holds in the extension host's thread, and in those of the model. */
  readonly host: number;
  readonly worker: number;
}

/** A running VS Code. */
export interface Editor {
  readonly page: Page;
  /** Folder that is open, a copy of the samples. */
  readonly folder: string;
  /** Errors of the extension in the page, in its host and in its log; empty when all is well. */
  readonly problems: () => string[];
  /** Text of the log output channel `Circuitscope`. */
  readonly log: () => string;
  /** When the extension host's thread was held, as the probe saw it. */
  readonly held: () => Held[];
  /** Memory every few seconds, as the probe saw it. */
  readonly memory: () => Memory[];
  /** Stops everything and removes the folder. */
  readonly close: () => Promise<void>;
}

/** Starts a VS Code with the packed extension. */
export async function openEditor(options: EditorOptions = {}): Promise<Editor> {
  for (let start = 1; ; start++) {
    try {
      return await startEditor(options);
    } catch (error) {
      if (start === STARTS) throw error;
      console.log(`VS Code did not start and is started again: ${String(error)}`);
    }
  }
}

async function startEditor(options: EditorOptions): Promise<Editor> {
  const shared = inject('shared');
  const { installation, extensionsDir, builtinExtensionsDir, browser: executablePath } = shared;
  const scratch = mkdtempSync(join(tmpdir(), 'circuitscope-e2e-'));
  const folder = workspace(join(scratch, 'workspace'), options);
  const userDataDir = join(scratch, 'user-data');
  const settings = { ...settingsOfAll(shared.bundle), ...options.settings };
  const { open: file, asksForTrust = false } = options;
  const extensions = { extensionsDir, builtinExtensionsDir };
  const launch = { ...extensions, userDataDir, folder, settings, file, asksForTrust };
  let server: RunningVsCode | undefined;
  let browser: Browser | undefined;
  const close = async (): Promise<void> => {
    await browser?.close();
    await server?.stop();
    rmSync(scratch, { recursive: true, force: true });
  };
  try {
    server = await launchVsCode(installation, { ...launch, port: await freePort() });
    // Crash reports and the like go the way of the rest, not into the user's home.
    const env = { ...process.env, XDG_CONFIG_HOME: scratch, XDG_CACHE_HOME: scratch };
    browser = await chromium.launch({ executablePath, args: BROWSER_FLAGS, env });
    const page = await browser.newPage({
      viewport: { width: 1400, height: 900 },
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    page.setDefaultTimeout(PATIENCE);
    const pageErrors = collectErrors(page);
    await page.goto(server.url, { waitUntil: 'commit', timeout: START_PATIENCE });
    await page.waitForSelector('.monaco-workbench', { timeout: START_PATIENCE });
    const view = options.open === undefined ? '.explorer-viewlet' : '.monaco-editor .view-line';
    await page.waitForSelector(view, { timeout: START_PATIENCE });
    const logs = join(userDataDir, 'logs');
    return {
      page,
      folder,
      problems: () => [...pageErrors, ...logErrors(logs), ...reports(userDataDir)],
      log: () => readLogs(logs, 'Circuitscope.log'),
      held: () => records<Held>(readLogs(logs, 'held.jsonl')),
      memory: () => records<Memory>(readLogs(logs, 'memory.jsonl')),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function workspace(folder: string, { files = {}, prepare }: EditorOptions): string {
  cpSync(join(import.meta.dirname, '../../samples'), folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  prepare?.(folder);
  return folder;
}

/**
 * What ONNX Runtime keeps, in the cache folder of the extension host, for reports to its makers; VS
 * Code has a folder of its own beside it.
 */
function reports(userDataDir: string): string[] {
  const folder = join(userDataDir, 'xdg', 'Microsoft', 'DeveloperTools', '.onnxruntime');
  return existsSync(folder) ? [`ONNX Runtime keeps reports in ${folder}`] : [];
}

/** What stands in lines of JSON. */
function records<T>(lines: string): T[] {
  // The last line may be half written.
  const whole = lines.slice(0, lines.lastIndexOf('\n') + 1);
  return whole
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T);
}

/** Collects errors of the extension that the page throws or prints, the forwarded ones of the host included. */
function collectErrors(page: Page): string[] {
  const errors: string[] = [];
  page.on('pageerror', ({ stack, message }) => {
    const text = stack ?? message;
    if (isOurs(text) && !CLOSED_EARLY.test(text)) errors.push(`page: ${text}`);
  });
  page.on('console', (message) => {
    const { url } = message.location();
    if (message.type() === 'error' && isOurs(`${message.text()}\n${url}`))
      errors.push(`console: ${message.text()} (${url})`);
  });
  return errors;
}

const isOurs = (text: string): boolean => OURS.test(text) || WEB_VIEW.test(text);

/** Entries of the logs that are errors of the extension; an entry's stack stands in the lines below its first. */
function logErrors(logs: string): string[] {
  const ofHost = entries(readLogs(logs, 'remoteexthost.log')).filter(isOurs);
  return [...ofHost, ...entries(readLogs(logs, 'Circuitscope.log'))].filter((entry) =>
    /^[^\n]*\[error\]/.test(entry),
  );
}

/** Entries of a log: each begins with the date. */
const entries = (log: string): string[] => log.split(/\n(?=\d{4}-\d\d-\d\d )/);

/** All logs of a name together, wherever below the folder they are. */
function readLogs(logs: string, name: string): string {
  return readdirSync(logs, { recursive: true, encoding: 'utf8' })
    .filter((file) => basename(file) === name)
    .map((file) => readFileSync(join(logs, file), 'utf8'))
    .join('\n');
}
