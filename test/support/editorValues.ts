/** Values of the editor's API, as far as tests without an editor need them: they know nothing of what is open. */
import { posix } from 'node:path';

export class Disposable {
  constructor(private readonly end: () => void) {}
  static from(...all: readonly { dispose(): void }[]): Disposable {
    return new Disposable(() => {
      for (const one of all) one.dispose();
    });
  }
  dispose(): void {
    this.end();
  }
}

export class EventEmitter<T> {
  private readonly listeners = new Set<(value: T) => void>();
  readonly event = (listener: (value: T) => void): Disposable => {
    this.listeners.add(listener);
    return new Disposable(() => this.listeners.delete(listener));
  };
  fire(value: T): void {
    for (const listener of [...this.listeners]) listener(value);
  }
  dispose(): void {
    this.listeners.clear();
  }
}

export class Uri {
  private constructor(
    readonly scheme: string,
    readonly path: string,
    readonly fragment: string,
  ) {}
  static file(path: string): Uri {
    return new Uri('file', path, '');
  }
  static from({ scheme, path }: { readonly scheme: string; readonly path: string }): Uri {
    return new Uri(scheme, path, '');
  }
  static parse(text: string): Uri {
    const [, scheme, path, fragment] = /^([\w-]+):(?:\/\/)?([^#]*)#?(.*)$/.exec(text)!;
    return new Uri(scheme, path, fragment);
  }
  static joinPath({ scheme, path, fragment }: Uri, ...parts: string[]): Uri {
    return new Uri(scheme, posix.join(path, ...parts), fragment);
  }
  get fsPath(): string {
    return this.path;
  }
  toString(): string {
    return `${this.scheme}://${this.path}${this.fragment === '' ? '' : `#${this.fragment}`}`;
  }
}

export class Position {
  constructor(
    readonly line: number,
    readonly character: number,
  ) {}
}

export class Range {
  readonly start: Position;
  readonly end: Position;
  constructor(line: number, character: number, toLine: number, toCharacter: number) {
    this.start = new Position(line, character);
    this.end = new Position(toLine, toCharacter);
  }
}

export class Selection extends Range {
  readonly active: Position;
  readonly isEmpty: boolean;
  constructor(anchor: Position, active: Position) {
    super(anchor.line, anchor.character, active.line, active.character);
    this.active = active;
    this.isEmpty = anchor.line === active.line && anchor.character === active.character;
  }
}

export class ThemeColor {
  constructor(readonly id: string) {}
}
export class ThemeIcon {
  constructor(
    readonly id: string,
    readonly color?: ThemeColor,
  ) {}
}
/** A row of the side bar. */
export class TreeItem {
  id?: string;
  description?: string;
  tooltip?: string;
  iconPath?: ThemeIcon;
  checkboxState?: number;
  constructor(
    readonly label: string,
    readonly collapsibleState = 0,
  ) {}
}
export class MarkdownString {
  supportHtml = false;
  constructor(public value = '') {}
  appendText(text: string): this {
    this.value += text;
    return this;
  }
}
export class TabInputWebview {
  constructor(readonly viewType: string) {}
}
export class TabInputText {
  constructor(readonly uri: Uri) {}
}

export const FileType = { Unknown: 0, File: 1, Directory: 2, SymbolicLink: 64 };
export const TreeItemCollapsibleState = { None: 0, Collapsed: 1, Expanded: 2 };
export const TreeItemCheckboxState = { Unchecked: 0, Checked: 1 };
export const LanguageStatusSeverity = { Information: 0, Warning: 1, Error: 2 };
export const QuickPickItemKind = { Separator: -1, Default: 0 };
export const StatusBarAlignment = { Left: 1, Right: 2 };
export const DecorationRangeBehavior = { ClosedClosed: 1 };
export const OverviewRulerLane = { Left: 1 };
export const ProgressLocation = { Notification: 15 };
export const ViewColumn = { Active: -1, Beside: -2, One: 1, Two: 2 };
export const ConfigurationTarget = { Global: 1, Workspace: 2 };
