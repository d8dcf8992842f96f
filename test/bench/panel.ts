/**
 * What the circuit panel costs, its page in a headless browser included: from a move of the cursor to
 * the bars of its prediction, from an ablation to the bars after it, and a large graph from its message
 * to the picture. Prints one line of JSON for each figure.
 *
 *   npm run bench -- panel [BUNDLE FOLDER] [ROUNDS]
 */
import { readFileSync } from 'node:fs';
import type { Intervention } from '../../models/inference/interventions';
import type { Circuit, GraphEdge, GraphNode, ToPanel } from '../../webview/protocol';
import { findBrowser } from '../e2e/browser';
import { openStage, type Stage } from '../e2e/panelStage';
import { countedRuntime } from '../support/countedRuntime';
import { figure, waits } from './paired';

const TEXT = readFileSync('samples/inventory.py', 'utf8');
/** Two tokens in one window. */
const PLACES = [
  { line: 11, character: 20 },
  { line: 13, character: 15 },
];
const LARGE = { nodes: 300, edges: 1500, columns: 26, tokens: 6 };

/** Makes the page note when its bars were drawn, on the clock that all processes share. */
async function watchBars({ page }: Stage): Promise<void> {
  await page.evaluate(`
    window.barsDrawn = 0;
    new MutationObserver(() => requestAnimationFrame(() => requestAnimationFrame(() => {
      if (document.querySelector('.bars')) window.barsDrawn = performance.timeOrigin + performance.now();
    }))).observe(document.querySelector('.prediction'), { childList: true });`);
}

/** Milliseconds that the page's thread was on the processor, which a busy machine does not stretch. */
async function pageWork({ page }: Stage): Promise<() => Promise<number>> {
  const client = await page.context().newCDPSession(page);
  await client.send('Performance.enable', { timeDomain: 'threadTicks' });
  return async () => {
    const { metrics } = await client.send('Performance.getMetrics');
    return 1000 * metrics.find(({ name }) => name === 'TaskDuration')!.value;
  };
}

/** Waits until an expression of the page is true, without the `eval` that its policy forbids. */
async function until({ page }: Stage, expression: string): Promise<void> {
  while (!(await page.evaluate<boolean>(`Boolean(${expression})`))) await page.waitForTimeout(5);
}

/** Milliseconds from doing something until bars are drawn that satisfy a condition of the page. */
async function untilBars(stage: Stage, condition: string, act: () => void): Promise<number> {
  const { page } = stage;
  await page.evaluate('window.barsDrawn = 0');
  const start = performance.timeOrigin + performance.now();
  act();
  await until(stage, `${condition} && window.barsDrawn > ${start}`);
  return (await page.evaluate<number>('window.barsDrawn')) - start;
}

const title = (text: string) =>
  `document.querySelector('h1')?.innerText.includes(${JSON.stringify(text)})`;

async function cursorMoves(stage: Stage, rounds: number): Promise<void> {
  const titles: string[] = [];
  for (const { line, character } of PLACES) {
    await stage.move(TEXT, line, character);
    const { subject } = stage.sent.findLast((message) => message.type === 'subject')!;
    titles.push(subject.cursor.text);
  }
  const busy = await pageWork(stage);
  const [times, work]: number[][] = [[], []];
  for (let round = 0; round < rounds; round++) {
    const { line, character } = PLACES[round % 2];
    const wanted = title(titles[round % 2]);
    const before = await busy();
    times.push(await untilBars(stage, wanted, () => void stage.move(TEXT, line, character)));
    work.push((await busy()) - before);
  }
  waits('panel', 'cursor move to bars, trace cached', times, 'p95 < 150');
  waits('panel', 'cursor move to bars, processor time of the page', work, '');
}

/** Bars before, or before and after. */
const bars = (columns: number) =>
  `document.querySelectorAll('.bars thead th').length === ${columns}`;

/** Ablations of one node, each to another value. */
function ablations({ session }: Stage): () => Intervention {
  const { circuit } = session.current!;
  const node = circuit!.nodes.find(({ role }) => role === 'channel')!.node!;
  let value = 0;
  return () => ({ nodes: [node], positions: 'all', kind: { kind: 'value', value: value++ } });
}

async function switches(stage: Stage, rounds: number): Promise<void> {
  const [{ line, character }] = PLACES;
  await stage.move(TEXT, line, character);
  const next = ablations(stage);
  const busy = await pageWork(stage);
  const [times, work]: number[][] = [[], []];
  for (let round = 0; round <= rounds; round++) {
    const before = await busy();
    times.push(
      await untilBars(stage, bars(4), () =>
        stage.store.add(next(), stage.session.current!.question.snapshot),
      ),
    );
    work.push((await busy()) - before);
    stage.store.clear();
    await until(stage, bars(3));
  }
  // The first one allocates.
  waits('panel', 'ablation to bars', times.slice(1), '');
  waits('panel', 'ablation to bars, processor time of the page', work.slice(1), '');
}

/** Passes of the model that an ablation takes, with the card of its node in sight. */
async function passes(dir: string, rounds: number): Promise<void> {
  const { runtime, forwards } = await countedRuntime(dir);
  let atBars = 0;
  const stage = await openStage(await findBrowser(), dir, {
    runtime,
    onSend: ({ type }) => {
      if (type === 'prediction') atBars = forwards();
    },
  });
  const answered = (type: ToPanel['type'] | 'card') =>
    stage.sent.filter(
      (message) => message.type === type || ('what' in message && message.what === type),
    ).length;
  /** Waits until the page has a new answer of each type. */
  const after = async (
    act: () => unknown,
    ...types: (ToPanel['type'] | 'card')[]
  ): Promise<void> => {
    const before = types.map(answered);
    await act();
    while (types.some((type, i) => answered(type) === before[i]))
      await stage.page.waitForTimeout(5);
  };
  try {
    await stage.move(TEXT, PLACES[0].line, PLACES[0].character);
    await stage.frame.locator('vscode-button', { hasText: 'Table' }).click();
    await after(() => stage.frame.locator('.nodes tbody input').first().check(), 'card');
    const next = ablations(stage);
    const [untilShown, inAll]: number[][] = [[], []];
    for (let round = 0; round < rounds; round++) {
      const before = forwards();
      const add = () => {
        stage.store.add(next(), stage.session.current!.question.snapshot);
      };
      await after(add, 'prediction', 'now', 'card');
      untilShown.push(atBars - before);
      inAll.push(forwards() - before);
    }
    const what = { bench: 'panel', unit: 'forwards' };
    figure({ ...what, name: 'ablation to bars, passes', target: 'at most 2' }, untilShown);
    figure({ ...what, name: 'ablation to graph and card, passes', target: '' }, inAll);
  } finally {
    await stage.close();
  }
}

/** A graph as large as the panel ever gets. */
function largeCircuit(seed: number): Circuit {
  const nodes = Array.from({ length: LARGE.nodes }, (_, i): GraphNode => {
    const column = 1 + (i % (LARGE.columns - 2));
    const token = 100 - (i % LARGE.tokens);
    const name = `${Math.floor(column / 6)}.mlp.post_act.${seed * LARGE.nodes + i}`;
    return {
      ...{
        id: `${name}@${token}`,
        node: name,
        role: 'channel',
        part: null,
        label: name,
        short: String(i),
      },
      ...{ column, columnLabel: `L${Math.floor(column / 6)}\nMLP\nact`, head: null, token },
      ...{ at: token === 100 ? null : `t${token}`, activation: 1, now: 1 },
      ...{ effect: 1 + i / LARGE.nodes, estimate: null },
    };
  });
  const edges: GraphEdge[] = [];
  for (let i = 0; edges.length < LARGE.edges; i++) {
    const [from, to] = [nodes[(i * 7) % LARGE.nodes], nodes[(i * 13 + 5) % LARGE.nodes]];
    if (from.column >= to.column || from.token > to.token) continue;
    edges.push({ from: from.id, to: to.id, kind: 'weight', weight: 1, contribution: 1 + (i % 9) });
  }
  const measured = { kind: { kind: 'mean' }, place: 'at' } as const;
  return { nodes, edges, total: { nodes: nodes.length, edges: edges.length }, measured };
}

async function largeGraphs(stage: Stage, rounds: number): Promise<void> {
  const { frame, page, session } = stage;
  const busy = await pageWork(stage);
  const work: number[] = [];
  await frame.locator('.controls input[type=number]').fill('1000');
  await frame.locator('.controls input[type=number]').press('Enter');
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const message = { type: 'circuit', seq: session.current!.seq, circuit: largeCircuit(round) };
    const before = await busy();
    const time = await page.evaluate<number>(`new Promise((resolve) => {
      const message = ${JSON.stringify(message)};
      const start = performance.now();
      window.postMessage(message, '*');
      const frames = (left) => left === 0 ? resolve(performance.now() - start)
        : requestAnimationFrame(() => frames(left - 1));
      addEventListener('message', () => frames(3), { once: true });
    })`);
    times.push(time);
    work.push((await busy()) - before);
  }
  const counts = await frame.locator('.counts').innerText();
  if (!counts.startsWith(String(LARGE.nodes))) throw new Error(`not all was drawn: ${counts}`);
  const what = `${LARGE.nodes} nodes and ${LARGE.edges} edges to the picture`;
  waits('panel', what, times, 'p95 < 500');
  waits('panel', `${what}, processor time of the page`, work, '');
}

async function main([
  dir = 'models/bundles/python-sparse',
  rounds = '30',
]: string[]): Promise<void> {
  const stage = await openStage(await findBrowser(), dir);
  try {
    await stage.move(TEXT, PLACES[0].line, PLACES[0].character);
    await watchBars(stage);
    await cursorMoves(stage, Number(rounds));
    await switches(stage, Number(rounds));
    await largeGraphs(stage, Math.min(10, Number(rounds)));
  } finally {
    await stage.close();
  }
  await passes(dir, Math.min(5, Number(rounds)));
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
