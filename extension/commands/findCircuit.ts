/** Finds the circuit that decides between what the model says at the cursor and something else. */
import * as vscode from 'vscode';
import { pairsText } from '../../models/tasks/source';
import { findCounterpart } from '../circuits/counterpart';
import { findAndShow, type FindParts } from '../circuits/keep';
import { answerText, lastLine, promptText, readPrompt, type Prompt } from '../circuits/prompt';
import { editPrompt } from '../circuits/promptEditor';
import type { Models } from '../model/models';
import { withProgress } from '../progress';
import { counted } from '../text/counted';
import { visible } from '../text/visible';
import { targetOf, type Command, type Needs } from './command';

/** The other prompt of the pair, its answer, and what was changed for it. */
interface Other {
  readonly text: string;
  readonly answer: string;
  readonly change: string;
}

const NAME_LENGTH = 40;
const EDIT = 'Edit the Prompt';

/** A token within a sentence. */
const quoted = (text: string) => `‘${visible(text)}’`;

export const findCircuit: Command = {
  id: 'circuitscope.findCircuit',
  async run(parts: FindParts & Needs<'documents'>, argument) {
    const { models } = parts;
    const text = await promptText(parts, targetOf(argument));
    const prompt = await readPrompt(models, text);
    const answer = answerText(prompt, prompt.answer);
    const other = await pickOther(models, prompt, answer);
    if (!other) return;
    const pair = { a: { prompt: text, answer }, b: { prompt: other.text, answer: other.answer } };
    const wanted = {
      name: nameOf(text),
      text: pairsText([pair]),
      where: 'the pair of prompts',
    };
    const read = `The prompt is ${counted(text.split('\n').length, 'line')} up to the cursor.`;
    const judged = `${other.change} ${read} One pair of prompts only, so nothing unseen judges it.`;
    await findAndShow(parts, wanted, judged);
  },
};

/** What a found circuit is called: the end of the last line, as it is read. */
function nameOf(text: string): string {
  return `after ${lastLine(text).slice(-NAME_LENGTH).trim()}`;
}

async function pickOther(
  models: Models,
  prompt: Prompt,
  answer: string,
): Promise<Other | undefined> {
  const items = [
    {
      label: '$(search) Change one token for me',
      description: 'the nearest one after which the model clearly says something else',
      find: searched,
    },
    {
      label: '$(edit) A prompt that I edit…',
      description: 'in an editor; change what decides, and the model says what follows',
      find: edited,
    },
  ];
  const item = await vscode.window.showQuickPick(items, {
    title: `Find the circuit that says ${quoted(answer)}, and not …`,
  });
  return await item?.find(models, prompt);
}

/** The prompt with one token changed, so that the model says something else. */
async function searched(models: Models, prompt: Prompt): Promise<Other | undefined> {
  const { text, encoding, info, answer, logprobs } = prompt;
  const found = await withProgress('looking for a change of the prompt', (signal, report) =>
    models.use('counterpart', (runtime) => {
      const model = {
        after: async (text: string, token: number) =>
          (await runtime.trace(text, { token }, { signal })).logprobs,
        end: async (text: string) => {
          const { ids } = await runtime.tokens(text, { signal });
          return (await runtime.trace(text, { token: ids.length - 1 }, { signal })).logprobs;
        },
        count: async (text: string) => (await runtime.tokens(text, { signal })).ids.length,
      };
      const told = { answer, logprobs, texts: info.texts };
      return findCounterpart(text, encoding, told, model, (done, total) => {
        report(done / total, `${done} of ${total} tokens`);
      });
    }),
  );
  if (!found) {
    const none =
      'No change of one token makes the model clearly say something else here. Edit the prompt yourself: change what you think decides it, and the model says what follows.';
    const edit = await vscode.window.showWarningMessage(`Circuitscope: ${none}`, EDIT);
    return edit === EDIT ? await edited(models, prompt) : undefined;
  }
  const { before, now, other } = found;
  const wanted = answerText(prompt, other);
  const change =
    now === '' ? `Without ${quoted(before)}` : `With ${quoted(now)} for ${quoted(before)}`;
  return {
    text: found.text,
    answer: wanted,
    change: `${change} the model says ${quoted(wanted)}.`,
  };
}

/** The prompt as a person edits it, and what the model says after it. */
async function edited(models: Models, prompt: Prompt): Promise<Other | undefined> {
  const other = await editPrompt(models, prompt);
  if (!other) return undefined;
  const answer = answerText(other, other.answer);
  return {
    text: other.text,
    answer,
    change: `After the edited prompt the model says ${quoted(answer)}.`,
  };
}
