/** Work in the circuit thread: one job at a time, with progress, until it ends or is cancelled. */
import { t } from '../../shared/l10n';
import type { JobOptions } from '../../models/circuits/inWorker';
import { withProgress } from '../progress';

interface Running {
  readonly controller: AbortController;
  readonly end: Promise<unknown>;
}

export class CircuitJobs {
  private running: Running | null = null;

  /** @param workerFile compiled `circuit-worker` */
  constructor(
    private readonly workerFile: string,
    private readonly threads: () => number,
  ) {}

  /**
   * Runs a job.
   * @param title what the notification says
   * @throws when another job is under way, and an abort error when the person cancels
   */
  async run<T>(title: string, job: (options: JobOptions) => Promise<T>): Promise<T> {
    if (this.running) {
      throw new Error(
        t('another circuit is still being processed; wait for it or cancel it first'),
      );
    }
    const { workerFile, threads } = this;
    const controller = new AbortController();
    const end = withProgress(
      title,
      (signal, report) => {
        const onProgress = (what: string, share: number) => {
          report(share, what);
        };
        return job({ workerFile, threads: threads(), signal, onProgress });
      },
      controller,
    );
    this.running = { controller, end };
    try {
      return await end;
    } finally {
      this.running = null;
    }
  }

  /** Cancels what is under way and waits until its thread has ended. */
  async end(): Promise<void> {
    this.running?.controller.abort();
    await this.running?.end.catch(() => undefined);
  }
}
