/** A quick pick of nodes, of which the one that is typed by its name comes before all; numbers are not searched. */
import * as vscode from 'vscode';

/** A row: its label and description are searched, its detail, where numbers stand, is not. */
export interface NodeItem extends vscode.QuickPickItem {
  /** Full name of the node; other rows have none. */
  readonly node?: string;
}

/** What the list says above its rows. */
interface Words {
  readonly title: string;
  readonly placeholder: string;
}

/**
 * Lets a person choose a row; undefined when they do not.
 * @param later rows that are still to come; null for none
 */
export async function pickByName<T extends NodeItem>(
  { title, placeholder }: Words,
  first: readonly T[],
  later: Promise<readonly T[]> | null = null,
): Promise<T | undefined> {
  const pick = vscode.window.createQuickPick<T>();
  pick.title = title;
  pick.placeholder = placeholder;
  pick.matchOnDescription = true;
  pick.items = first;
  pick.busy = later !== null;
  let rows = first;
  const show = () => {
    const typed = exactly(rows, pick.value);
    pick.items = typed ? [typed, ...rows.filter((row) => row !== typed)] : rows;
    if (typed) pick.activeItems = [typed];
  };
  let typedBefore = false;
  pick.onDidChangeValue(() => {
    const typed = exactly(rows, pick.value) !== undefined;
    // Thousands of rows are not set again for every key.
    if (typed || typedBefore) show();
    typedBefore = typed;
  });
  try {
    return await new Promise<T | undefined>((resolve, reject) => {
      pick.onDidAccept(() => {
        // Enter before the rows are there, or where none fits, chooses nothing and closes nothing.
        const [chosen] = pick.activeItems;
        if (chosen) resolve(chosen);
      });
      pick.onDidHide(() => {
        resolve(undefined);
      });
      pick.show();
      later
        ?.then((found) => {
          rows = [...first, ...found];
          show();
          pick.busy = false;
        })
        .catch(reject);
    });
  } finally {
    pick.dispose();
  }
}

/** The row of the node whose name is typed. */
function exactly<T extends NodeItem>(rows: readonly T[], value: string): T | undefined {
  const typed = value.trim();
  return typed === '' ? undefined : rows.find(({ node }) => node === typed);
}
