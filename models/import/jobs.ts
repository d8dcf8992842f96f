/** Messages around the thread that imports a model. */
import type { Imported, ImportOptions } from './importModel';

/** What the thread is started with. */
export interface ImportWorkerData {
  readonly options: ImportOptions;
  /** int32 [1]: not 0 when the import is to stop. */
  readonly stop: SharedArrayBuffer;
}

/** From the thread: any number of `progress`, then one of the others. */
export type ImportMessage =
  | {
      readonly type: 'progress';
      readonly what: string;
      readonly done: number;
      readonly total: number;
    }
  | { readonly type: 'result'; readonly result: Imported }
  /** One line that says what happened and what to do. */
  | { readonly type: 'error'; readonly message: string };
