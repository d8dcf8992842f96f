/** Entry of the extension: constructs its parts and registers them. */
// First, so that all others find their words.
import './language';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { Runtime } from '../models/runtime/runtime';
import type { Parts } from './commands/command';
import { CircuitJobs } from './circuits/jobs';
import { CircuitLibrary } from './circuits/library';
import { MarkdownPages } from './circuits/pages';
import { registerCommands } from './commands/register';
import { ActivationMap } from './decorations/activationMap';
import { ConceptMarks } from './decorations/conceptMarks';
import { HeatMap } from './decorations/heatMap';
import { oneColoring } from './decorations/oneColoring';
import { Painter } from './decorations/painter';
import { UnfamiliarText } from './decorations/unfamiliarText';
import { Hovers } from './hover/provider';
import { HoverWork, type Services } from './hover/work';
import { Fit } from './interventions/fit';
import { InterventionStore } from './interventions/store';
import { placeOf } from './interventions/folder';
import { keptTexts, watchKept } from './keptTexts';
import { NodeLabels } from './labels/labels';
import { CircuitPanels } from './panel/panel';
import { CircuitSource } from './panel/source';
import { reportFailures } from './model/failures';
import { bundleFolder, cardFacts, type BundlePlaces } from './model/bundles';
import { Models } from './model/models';
import { platformProblem, thisMachine } from './model/platform';
import { NodeMeanings } from './nodes/meaning';
import { NodeNotes } from './notes/store';
import { onSettings, settings } from './settings';
import { toast } from './toast';
import { AblationStatus, ModelStatus } from './status';
import { renamed } from './renamed';
import { follow, type Anchor } from './trace/anchor';
import { Documents } from './trace/documents';
import { Traces } from './trace/traces';
import { AblationsTree } from './views/ablations';
import { CircuitsTree } from './views/circuits';

/** The model in use and the work on circuits, which end with the extension. */
let models: Models | null = null;
let circuitJobs: CircuitJobs | null = null;

/** Called by the editor once, on the first Python document or command. */
export function activate(context: vscode.ExtensionContext): void {
  const start = performance.now();
  const log = vscode.window.createOutputChannel('Circuitscope', { log: true });
  const bundlePlaces = (): BundlePlaces => ({
    shipped: context.asAbsolutePath(join('models', 'bundles')),
    workspace: (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath),
    trusted: vscode.workspace.isTrusted,
  });
  const workerFile = context.asAbsolutePath(join('dist', 'runtime-worker.js'));
  const losses = new Map<string, number | null>();
  const opened = new Models(async () => {
    const problem = platformProblem(thisMachine(), await packedFor(context.extensionUri));
    if (problem !== null) throw new Error(problem);
    const places = bundlePlaces();
    const dir = bundleFolder(settings.bundle(), places);
    const runtime = await Runtime.open(dir, {
      ...{ workerFile, bundlesDir: places.shipped },
      threads: settings.threads(),
      engine: settings.engine(),
      onNote: (line) => {
        log.info(line);
      },
    });
    losses.set(runtime.info.hash, (await cardFacts(dir)).loss);
    return runtime;
  }, log);
  models = opened;
  const store = new InterventionStore(context.workspaceState, (message) => {
    log.warn(message);
  });
  const documents = new Documents(opened);
  const traces = new Traces(opened, settings.cacheBytes());
  const warn = (message: string) => {
    log.warn(message);
  };
  const labels = new NodeLabels(keptTexts('labels'), warn);
  const notes = new NodeNotes({ folders: keptTexts('notes'), placeOf }, warn);
  const services: Services = { documents, traces, store };
  const work = new HoverWork(services);
  const meanings = new NodeMeanings(opened);
  const fit = new Fit(store, opened, (message) => {
    log.warn(message);
    void toast({ log }, { kind: 'Warning', text: `Circuitscope: ${message}` });
  });
  const checkFit = () => void fit.check();
  const hovers = new Hovers(
    { models: opened, work, labels, meanings, log },
    { enabled: settings.hover, detail: settings.hoverDetail },
  );
  const heatMap = new HeatMap(services);
  const activationMap = new ActivationMap(services);
  const conceptMarks = new ConceptMarks(services, activationMap);
  const icon = vscode.Uri.joinPath(context.extensionUri, 'media', 'unfamiliar.svg');
  const unfamiliar = new UnfamiliarText(
    services,
    opened,
    icon,
    settings.unfamiliarText,
    (hash) => losses.get(hash) ?? null,
  );
  const painter = new Painter(
    services,
    opened,
    [heatMap, activationMap, conceptMarks, unfamiliar],
    log,
  );
  const paint = () => {
    painter.soon();
  };
  conceptMarks.onToggle = paint;
  const panel = new CircuitPanels(
    context.extensionUri,
    {
      ...services,
      models: opened,
      source: new CircuitSource(opened),
      labels,
      notes,
      meanings,
      log,
    },
    activationMap,
  );
  const circuits = new CircuitLibrary(() => bundleFolder(settings.bundle(), bundlePlaces()));
  const circuitWorker = context.asAbsolutePath(join('dist', 'circuit-worker.js'));
  const jobs = new CircuitJobs(circuitWorker, settings.threads);
  circuitJobs = jobs;
  const pages = new MarkdownPages();
  const extension = {
    ...{ id: context.extension.id, folder: context.extensionUri },
    storage: context.globalStorageUri,
  };
  const own = { labels, meanings, circuits, circuitJobs: jobs, pages, extension };
  const colors = { heatMap, activationMap, conceptMarks };
  const parts = { models: opened, work, hovers, ...colors, panel, log, bundlePlaces };
  const all: Parts = { ...services, ...parts, ...own };

  context.subscriptions.push(
    ...[log, heatMap, activationMap, conceptMarks, unfamiliar, painter, panel, pages],
    oneColoring(heatMap, activationMap, paint),
    new AblationsTree(store, opened, { labels, meanings }),
    new CircuitsTree(circuits, opened),
    new ModelStatus(opened),
    new AblationStatus(store, opened),
    watchKept('labels', () => {
      labels.forget();
    }),
    watchKept('notes', () => {
      notes.forget();
    }),
    hovers.register({ language: 'python' }),
    registerCommands(all),
    reportFailures(opened, log),
    opened.changed.on(checkFit),
    store.changed.on(checkFit),
    opened.replaced.on(() => {
      // A node or a circuit means nothing to another model.
      activationMap.show(null);
      circuits.show(null);
    }),
    documents.encoded.on(({ before, after }) => {
      store.follow((anchor) => follow(anchor, before?.source.text ?? null, after));
    }),
    vscode.workspace.onDidRenameFiles(({ files }) => {
      for (const { oldUri, newUri } of files) {
        const [from, to] = [oldUri.toString(), newUri.toString()];
        const move = (anchor: Anchor) => {
          const uri = renamed(anchor.uri, from, to);
          return uri === anchor.uri ? anchor : { ...anchor, uri };
        };
        store.follow(move);
        panel.move(move);
        void notes.move(from, to);
      }
    }),
    vscode.workspace.onDidCloseTextDocument(({ uri }) => {
      documents.close(uri.toString());
      traces.close(uri.toString());
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(() => opened.reset()),
    onSettings((changed) => {
      // Who chooses a model wants it; what goes wrong is said by its state.
      if (changed('bundle')) void opened.reset().then(() => opened.info().catch(() => undefined));
      else if (changed('threads') || changed('engine')) void opened.reset();
      traces.resize(settings.cacheBytes());
      painter.soon();
    }),
  );
  if (settings.startWithWalkthrough()) void welcome(context.globalState);
  log.info(`activated in ${Math.round(performance.now() - start)} ms`);
}

/** Opens the walkthrough, once for a person. */
async function welcome(memory: vscode.Memento): Promise<void> {
  if (memory.get('welcomed') === true) return;
  // Whoever leaves before it is there has not seen it.
  await vscode.commands.executeCommand('circuitscope.openWalkthrough');
  await memory.update('welcomed', true);
}

/** The machines whose native ONNX Runtime this copy of the extension has. */
async function packedFor(folder: vscode.Uri): Promise<string[]> {
  const bin = vscode.Uri.joinPath(folder, 'node_modules', 'onnxruntime-node', 'bin', 'napi-v6');
  const names = async (uri: vscode.Uri) => {
    const entries = await vscode.workspace.fs.readDirectory(uri).then(
      (found) => found,
      () => [],
    );
    return entries.map(([name]) => name);
  };
  const found = await Promise.all(
    (await names(bin)).map(async (system) =>
      (await names(vscode.Uri.joinPath(bin, system))).map((arch) => `${system}-${arch}`),
    ),
  );
  return found.flat();
}

/** Called by the editor at its end. */
export async function deactivate(): Promise<void> {
  await circuitJobs?.end();
  await models?.reset();
}
