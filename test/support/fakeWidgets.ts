/** Lists and pages of the stand-in for the editor, which tests use as people do. */
import { EventEmitter, type Uri } from './editorValues';

/** A list that people type in. */
export class QuickPick {
  title = '';
  placeholder = '';
  value = '';
  busy = false;
  matchOnDescription = false;
  matchOnDetail = false;
  items: readonly { readonly label: string; readonly node?: string }[] = [];
  activeItems: readonly { readonly label: string; readonly node?: string }[] = [];
  shown = false;
  private readonly typed = new EventEmitter<string>();
  private readonly accepted = new EventEmitter<undefined>();
  private readonly hidden = new EventEmitter<undefined>();
  readonly onDidChangeValue = this.typed.event;
  readonly onDidAccept = this.accepted.event;
  readonly onDidHide = this.hidden.event;

  show(): void {
    this.shown = true;
  }
  /** As a person types. */
  type(text: string): void {
    this.value = text;
    this.typed.fire(text);
  }
  /** As a person presses Enter. */
  accept(): void {
    this.accepted.fire(undefined);
  }
  dispose(): void {
    if (this.shown) this.hidden.fire(undefined);
    this.shown = false;
  }
}

/** A page beside the text. */
export class WebviewPanel {
  visible = true;
  active = false;
  iconPath: unknown;
  private readonly closed = new EventEmitter<undefined>();
  private readonly viewed = new EventEmitter<undefined>();
  private readonly told = new EventEmitter<unknown>();
  readonly onDidDispose = this.closed.event;
  readonly onDidChangeViewState = this.viewed.event;
  /** Everything that the page was told. */
  readonly posted: { readonly type: string }[] = [];
  readonly webview = {
    options: {},
    html: '',
    cspSource: 'vscode-webview:',
    asWebviewUri: (uri: Uri) => uri,
    onDidReceiveMessage: this.told.event,
    postMessage: (message: { readonly type: string }) => {
      this.posted.push(message);
      return Promise.resolve(true);
    },
  };
  constructor(
    readonly viewType: string,
    public title: string,
    readonly viewColumn: number,
  ) {}
  /** As the page says it. */
  say(message: unknown): void {
    this.told.fire(message);
  }
  reveal(): void {
    this.visible = true;
  }
  /** As a person puts another tab in front of it. */
  hide(): void {
    this.visible = false;
    this.viewed.fire(undefined);
  }
  dispose(): void {
    this.closed.fire(undefined);
  }
}
