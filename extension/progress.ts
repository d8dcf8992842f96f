/** Progress of something long, in a notification that can end it. */
import * as vscode from 'vscode';

/** Share of the whole that is done, 0 to 1, and what is being done. */
type Report = (share: number, message: string) => void;

/**
 * Runs something long.
 * @param controller aborted when the person cancels
 */
export async function withProgress<T>(
  title: string,
  run: (signal: AbortSignal, report: Report) => Promise<T>,
  controller = new AbortController(),
): Promise<T> {
  const location = vscode.ProgressLocation.Notification;
  const options = { location, title: `Circuitscope: ${title}`, cancellable: true };
  return await vscode.window.withProgress(options, (progress, cancel) => {
    cancel.onCancellationRequested(() => {
      controller.abort();
    });
    let done = 0;
    return run(controller.signal, (share, message) => {
      progress.report({ message, increment: 100 * Math.max(0, share - done) });
      done = Math.max(done, share);
    });
  });
}
