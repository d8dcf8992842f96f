/** Finds the circuit that decides between what the model says at the cursor and something else. */
import { plural, t } from '../../shared/l10n';
import * as vscode from 'vscode';
import { pairsText } from '../../models/tasks/source';
import { abortError } from '../cancel';
import { findCounterpart } from '../circuits/counterpart';
import { findAndShow, type FindParts } from '../circuits/keep';
import { answerText, lastLine, promptText, readPrompt, type Prompt } from './prompt';
import { editPrompt } from './promptEditor';
import { withProgress } from '../progress';
import { visible } from '../text/visible';
import { toast } from '../toast';
import { targetOf, type Command, type Needs } from './command';

/** The other prompt of the pair, its answer, and what was changed for it. */
interface Other {
  readonly text: string;
  readonly answer: string;
  readonly change: string;
}

const NAME_LENGTH = 40;
const EDIT = t('Edit the Prompt');

/** A token within a sentence. */
const quoted = (text: string) => `‘${visible(text)}’`;

export const findCircuit: Command = {
  id: 'circuitscope.findCircuit',
  async run(parts: FindParts & Needs<'documents'>, argument) {
    const { models } = parts;
    const target = targetOf(argument);
    const text = await promptText(parts, target);
    const prompt = await readPrompt(models, text);
    const answer = answerText(prompt, prompt.answer);
    const other = await pickOther(parts, prompt, answer);
    // Nothing was found, so that no step of the walkthrough is done.
    if (!other) throw abortError();
    const pair = { a: { prompt: text, answer }, b: { prompt: other.text, answer: other.answer } };
    const wanted = {
      name: nameOf(text),
      text: pairsText([pair]),
      where: t('the pair of prompts'),
      from: target.document.uri.toString(),
    };
    const read = plural(
      text.split('\n').length,
      'The prompt is {0} line up to the cursor.',
      'The prompt is {0} lines up to the cursor.',
    );
    const unseen = t('With only one pair of prompts, none is left to verify it on.');
    const judged = `${other.change} ${read} ${unseen}`;
    await findAndShow(parts, wanted, judged);
  },
};

/** What a found circuit is called: the end of the last line, as it is read. */
function nameOf(text: string): string {
  return `after ${lastLine(text).slice(-NAME_LENGTH).trim()}`;
}

async function pickOther(
  parts: FindParts,
  prompt: Prompt,
  answer: string,
): Promise<Other | undefined> {
  const items = [
    {
      label: `$(search) ${t('Change one token for me')}`,
      description: t('the nearest one that makes the model clearly predict something else'),
      find: searched,
    },
    {
      label: `$(edit) ${t('Edit the prompt myself…')}`,
      description: t('in an editor that shows what the model predicts'),
      find: edited,
    },
  ];
  const item = await vscode.window.showQuickPick(items, {
    title: t('Find the circuit that predicts {0} and not …', quoted(answer)),
    // It comes after a measurement: by then the keyboard may be with a page that would close it.
    ignoreFocusOut: true,
  });
  return await item?.find(parts, prompt);
}

/** The prompt with one token changed, so that the model says something else. */
async function searched(parts: FindParts, prompt: Prompt): Promise<Other | undefined> {
  const { models } = parts;
  const { text, encoding, info, answer, logprobs } = prompt;
  const found = await withProgress(t('looking for a change to the prompt'), (signal, report) =>
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
        report(done / total, t('{0} of {1} tokens', done, total));
      });
    }),
  );
  if (!found) {
    const none = t(
      'No single-token change makes the model clearly predict something else here. Change more of the prompt yourself.',
    );
    const text = `Circuitscope: ${none}`;
    const edit = await toast(parts, { kind: 'Warning', text, actions: [EDIT] });
    return edit === EDIT ? await edited(parts, prompt) : undefined;
  }
  const { before, now, other } = found;
  const wanted = answerText(prompt, other);
  const said = quoted(wanted);
  const change =
    now === ''
      ? t('Without {0} the model predicts {1}.', quoted(before), said)
      : t('With {0} instead of {1} the model predicts {2}.', quoted(now), quoted(before), said);
  return {
    text: found.text,
    answer: wanted,
    change,
  };
}

/** The prompt as a person edits it, and what the model says after it. */
async function edited({ models }: FindParts, prompt: Prompt): Promise<Other | undefined> {
  const other = await editPrompt(models, prompt);
  if (!other) return undefined;
  const answer = answerText(other, other.answer);
  return {
    text: other.text,
    answer,
    change: t('After the edited prompt the model predicts {0}.', quoted(answer)),
  };
}
