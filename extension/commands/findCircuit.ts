/** Finds the circuit that decides between the likeliest next token at the cursor and another. */
import * as vscode from 'vscode';
import { oneLine } from '../../models/runtime/oneLine';
import { pairsText } from '../../models/tasks/source';
import { Newest } from '../cancel';
import { findCounterpart } from '../circuits/counterpart';
import { findAndShow } from '../circuits/keep';
import {
  answerText,
  fromLine,
  lastLine,
  promptText,
  readPrompt,
  toLine,
  type Prompt,
} from '../circuits/prompt';
import { withProgress } from '../progress';
import { counted } from '../text/counted';
import { visible } from '../text/visible';
import { targetOf, type App, type Command } from './command';

/** The other prompt of the pair, its answer, and what was changed for it. */
interface Other {
  readonly text: string;
  readonly answer: string;
  readonly change: string;
}

const NAME_LENGTH = 40;

/** A token within a sentence. */
const quoted = (text: string) => `‘${visible(text)}’`;

export const findCircuit: Command = {
  id: 'circuitscope.findCircuit',
  async run(app, argument) {
    const text = await promptText(app, targetOf(argument));
    const prompt = await readPrompt(app.models, text);
    const other = await pickOther(app, prompt);
    if (!other) return;
    const answer = answerText(prompt, prompt.answers[0]);
    const pair = { a: { prompt: text, answer }, b: { prompt: other.text, answer: other.answer } };
    const wanted = {
      name: `after ${lastLine(text).slice(-NAME_LENGTH)}`,
      text: pairsText([pair]),
      where: 'the pair of prompts',
    };
    const read = `The prompt is ${counted(text.split('\n').length, 'line')} up to the cursor.`;
    const judged = `${other.change} ${read} One pair of prompts only, so nothing unseen judges it.`;
    await findAndShow(app, wanted, judged);
  },
};

async function pickOther(app: App, prompt: Prompt): Promise<Other | undefined> {
  const [first, second] = prompt.answers.map((id) => quoted(answerText(prompt, id)));
  const items = [
    {
      label: second,
      description: 'second-likeliest; one token before is changed until the model says it',
      find: searched,
    },
    {
      label: '$(edit) A prompt that I edit…',
      description: 'change what decides; the model says what follows',
      find: edited,
    },
  ];
  const item = await vscode.window.showQuickPick(items, {
    title: `Find the circuit that says ${first}, and not …`,
  });
  return await item?.find(app, prompt);
}

/** The prompt with one token changed, so that the second-likeliest answer leads. */
async function searched({ models }: App, prompt: Prompt): Promise<Other> {
  const { text, encoding, info } = prompt;
  const { lead } = prompt;
  const [answer, other] = prompt.answers;
  const found = await withProgress('looking for a change of the prompt', (signal, report) =>
    models.use('counterpart', (runtime) => {
      const model = {
        after: async (text: string, token: number) =>
          (await runtime.trace(text, { token }, { signal })).logprobs,
        end: async (text: string) => {
          const { ids } = await runtime.tokens(text, { signal });
          return (await runtime.trace(text, { token: ids.length - 1 }, { signal })).logprobs;
        },
      };
      return findCounterpart(
        text,
        encoding,
        { answer, other, lead },
        info.tokenTexts,
        model,
        (done, total) => {
          report(done / total, `${done} of ${total} tokens`);
        },
      );
    }),
  );
  const wanted = answerText(prompt, other);
  if (!found) {
    throw new Error(
      `no change of one token makes the model clearly say ${quoted(wanted)}; choose a prompt that you edit`,
    );
  }
  const { before, now } = found;
  const change =
    now === '' ? `Without ${quoted(before)}` : `With ${quoted(now)} for ${quoted(before)}`;
  return {
    text: found.text,
    answer: wanted,
    change: `${change} the model says ${quoted(wanted)}.`,
  };
}

/** The prompt as a person edits it, in one line, and what the model says after it. */
async function edited(app: App, prompt: Prompt): Promise<Other | undefined> {
  const newest = new Newest();
  const [first] = prompt.answers;
  const said = (other: Prompt) => quoted(answerText(other, other.answers[0]));
  const line = toLine(prompt.text);
  const value = await vscode.window.showInputBox({
    title: `The model says ${said(prompt)}. Change what decides that`,
    prompt: '⏎ stands for a line break; the end of the prompt should stay',
    value: line,
    valueSelection: [line.length, line.length],
    ignoreFocusOut: true,
    validateInput: async (typed) => {
      try {
        const other = await readPrompt(app.models, fromLine(typed), newest.start());
        if (other.answers[0] === first)
          return `No contrast yet: the model still says ${said(other)}; change what decides it`;
        const severity = vscode.InputBoxValidationSeverity.Info;
        return { message: `The model says ${said(other)}`, severity };
      } catch (error) {
        return oneLine(error);
      }
    },
  });
  if (value === undefined) return undefined;
  const other = await readPrompt(app.models, fromLine(value));
  const change = `After the edited prompt the model says ${said(other)}.`;
  return { text: other.text, answer: answerText(other, other.answers[0]), change };
}
