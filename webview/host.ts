/** The extension as the panel sees it. */
import { readState, type ToHost, type ViewState } from './protocol';

interface Api {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}
declare function acquireVsCodeApi(): Api;

export class Host {
  private readonly api = acquireVsCodeApi();
  private kept = readState(this.api.getState());

  /** What the panel remembers over a reload. */
  get state(): ViewState {
    return this.kept;
  }

  remember(change: Partial<ViewState>): void {
    this.kept = { ...this.kept, ...change };
    this.api.setState(this.kept);
  }

  send(message: ToHost): void {
    this.api.postMessage(message);
  }
}
