/** What every command shares: the parts it works on, and how it is told where. */
import { t } from '../../shared/l10n';
import * as v from 'valibot';
import * as vscode from 'vscode';
import type { CircuitJobs } from '../circuits/jobs';
import type { CircuitLibrary } from '../circuits/library';
import type { MarkdownPages } from '../circuits/pages';
import type { ActivationMap } from '../decorations/activationMap';
import type { ConceptMarks } from '../decorations/conceptMarks';
import type { HeatMap } from '../decorations/heatMap';
import type { Hovers } from '../hover/provider';
import type { HoverToken, HoverWork, Services } from '../hover/work';
import type { NodeLabels } from '../labels/labels';
import type { NodeMeanings } from '../nodes/meaning';
import type { CircuitPanels } from '../panel/panel';
import type { BundlePlaces } from '../model/bundles';
import type { Log, Models } from '../model/models';
import { nodeName, parseNode } from '../../models/transformer/nodes';
import { pythonEditor } from './pythonEditor';

/** All parts that commands work on; each command names those that it needs. */
export interface Parts extends Services {
  readonly models: Models;
  readonly work: HoverWork;
  readonly hovers: Hovers;
  readonly heatMap: HeatMap;
  readonly activationMap: ActivationMap;
  readonly conceptMarks: ConceptMarks;
  readonly panel: CircuitPanels;
  readonly labels: NodeLabels;
  readonly meanings: NodeMeanings;
  readonly circuits: CircuitLibrary;
  readonly circuitJobs: CircuitJobs;
  readonly pages: MarkdownPages;
  readonly extension: OwnFiles;
  readonly log: Log & Pick<vscode.LogOutputChannel, 'show'>;
  /** Where bundles are looked for at this time. */
  readonly bundlePlaces: () => BundlePlaces;
}

/** Some of the parts. */
export type Needs<K extends keyof Parts> = Pick<Parts, K>;

/** Where the extension is, and where it may write what is of no workspace. */
interface OwnFiles {
  /** `publisher.name`. */
  readonly id: string;
  readonly folder: vscode.Uri;
  readonly storage: vscode.Uri;
}

/** One command of the palette. */
export interface Command {
  readonly id: string;
  /**
   * Runs it; throws an error whose one line says what happened and what to do.
   * @param argument what a link gives, if a link runs the command
   */
  run(parts: Parts, argument: unknown): Promise<void>;
}

/** Where a command acts. */
export interface Target {
  readonly document: vscode.TextDocument;
  readonly position: vscode.Position;
}

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const PlaceSchema = v.object({ uri: v.string(), line: count, character: count });
const NodeSchema = v.object({ node: v.string() });

/** What a command says of a document without tokens. */
export const EMPTY = t('the document is empty; type some Python first');

/**
 * Where a command acts: the place of the link that ran it, or the cursor.
 * @throws when no Python document is active, or that of the link is closed
 */
export function targetOf(argument: unknown): Target {
  const place = placeIn(argument);
  if (place) return place;
  const editor = pythonEditor();
  if (!editor) {
    throw new Error(t('no Python file is active; open one and put the cursor on a token'));
  }
  return { document: editor.document, position: editor.selection.active };
}

/**
 * The place that a link names, if it names one.
 * @throws when its document is not open any longer: what is at the cursor is not what was meant
 */
export function placeIn(argument: unknown): Target | undefined {
  const place = v.safeParse(PlaceSchema, argument);
  if (!place.success) return undefined;
  const { uri, line, character } = place.output;
  const document = vscode.workspace.textDocuments.find((one) => one.uri.toString() === uri);
  if (!document) throw new Error(t('the file behind this link is closed; open it and hover again'));
  return { document, position: new vscode.Position(line, character) };
}

/**
 * The node that a link names.
 * @throws one line when the model in use has no such node
 */
export async function nodeOf(
  { models }: Needs<'models'>,
  argument: unknown,
): Promise<string | undefined> {
  const named = v.safeParse(NodeSchema, argument);
  if (!named.success) return undefined;
  const { config } = await models.info();
  return nodeName(parseNode(named.output.node, config));
}

/**
 * The token at a target.
 * @throws when the document is empty
 */
export async function tokenOf(
  { work }: Needs<'work'>,
  { document, position }: Target,
): Promise<HoverToken> {
  const token = await work.own(document, position);
  if (!token) throw new Error(EMPTY);
  return token;
}
