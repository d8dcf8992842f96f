/** Measures what each active node does to the prediction at a token, and lists the nodes by it. */
import { t } from '../../shared/l10n';
import * as v from 'valibot';
import * as vscode from 'vscode';
import type { HoverToken } from '../hover/work';
import { namesOf, type Names } from '../nodes/names';
import { withProgress } from '../progress';
import { shownNext, shownText } from '../trace/shownToken';
import type { Question, TokenEffects } from '../trace/traces';
import { targetOf, tokenOf, type Command, type Needs } from './command';
import { activeRow } from './nodeRows';
import { pickByName } from './pickByName';

const WhyNotSchema = v.object({ whyNot: v.literal(true) });

export const showEffects: Command = {
  id: 'circuitscope.showEffects',
  async run(parts: Needs<'work' | 'traces' | 'store' | 'labels' | 'meanings'>, argument) {
    const target = targetOf(argument);
    const token = await tokenOf(parts, target);
    const asked = v.is(WhyNotSchema, argument) ? token.whyNot : token.why;
    const effects = await measured(parts, token, asked ?? token.why);
    const item = await pickEffect(token, effects, await namesOf(parts, token.snapshot.info));
    if (!item) return;
    const { uri } = token.snapshot;
    const { line, character } = target.position;
    const place = { uri, line, character, node: item.node };
    await vscode.commands.executeCommand('circuitscope.ablateNode', place);
  },
};

/**
 * The effects of all active nodes, with progress.
 * @throws an abort error when the person cancels
 */
async function measured(
  { traces }: Needs<'traces'>,
  { at }: HoverToken,
  question: Question,
): Promise<TokenEffects> {
  return await withProgress(t('measuring effects'), (signal, report) => {
    const onProgress = (done: number, total: number) => {
      report(done / total, t('{0} of {1} nodes', done, total));
    };
    return traces.effects(at, question, { signal, onProgress });
  });
}

async function pickEffect(
  { view, snapshot }: HoverToken,
  { target, contrast, nodes }: TokenEffects,
  names: Names,
) {
  const { config } = snapshot.info;
  const shown = (id: number) => `‘${shownText(shownNext(snapshot, view.token, id))}’`;
  const after = shownText(view);
  const title =
    contrast === null
      ? t('After {0}: effect of each node on {1}', after, shown(target))
      : t(
          'After {0}: why {1} and not {2}: effect of each node on the log-odds',
          after,
          shown(target),
          shown(contrast),
        );
  const placeholder = t('Each node set to its mean at this token only; choose one to ablate it');
  const rows = nodes.map((effect) => activeRow(config, names, effect));
  return await pickByName({ title, placeholder }, rows);
}
