/** A circuit as JSON, an entry a line for a diff; `recorded.ts` reads it back. */
import { t } from '../../shared/l10n';
import { lines, object } from '../notes/json';
import { labelFor, labelText } from '../../models/bundles/labels';
import { namesOf } from '../nodes/names';
import type { Notes } from '../notes/notes';
import { tokenOf } from '../trace/anchor';
import type { SessionParts } from './parts';
import { FORMAT } from './recorded';
import type { Asked } from './asked';
import { subjectView, type Current } from './subject';

/**
 * JSON of the circuit that is shown, with what people made of its nodes (`label` is theirs), what the
 * model's labels say of such activations (`tells`), and the text that it is of.
 * @param notes of its nodes
 * @throws when it has not been measured yet
 */
export async function circuitJson(
  current: Current,
  notes: Notes,
  parts: Pick<SessionParts, 'models' | 'labels' | 'meanings'>,
): Promise<string> {
  const { question, target, drawn, circuit } = current;
  const measured =
    drawn !== null || circuit?.nodes.every(({ node, effect }) => node === null || effect !== null);
  if (!circuit || !measured)
    throw new Error(t('the circuit is still being measured; export it once it is shown'));
  const { state } = parts.models;
  const bundle = state.kind === 'ready' ? { name: state.info.name, hash: state.info.hash } : null;
  const { info } = question.snapshot;
  const { id, contrast } = target;
  const { file, cursor } = subjectView(current);
  const { given, bundled } = await namesOf(parts, info);
  const marks = marksOf(notes, question);
  const nodes = circuit.nodes
    .filter(({ node }) => node !== null)
    .map(({ node, token, part, activation, other, effect }) => {
      const label = given.get(node!);
      const found = bundled && labelFor(bundled, node!, activation);
      const tells = bundled && found && { tells: labelText(bundled, found) };
      return {
        ...{ node, ...(label === undefined ? {} : { label }), ...tells, token, activation, effect },
        ...(other === undefined ? {} : { other }),
        ...(part === null ? {} : { part }),
        ...(marks.get(`${node} ${drawn ? '' : token}`) ?? {}),
      };
    });
  const texts = (of: number) => ({ id: of, text: info.texts[of] ?? info.tokenTexts[of] });
  const { circuit: task } = drawn ?? {};
  const fields: readonly (readonly [string, unknown])[] = [
    ['format', FORMAT],
    ['bundle', bundle],
    ['file', file],
    ['mode', question.mode],
    ['text', textOf(question, drawn !== null)],
    ['token', { index: question.reader, line: cursor.line + 1, column: cursor.column + 1 }],
    ['target', texts(id)],
    ...(contrast === null ? [] : [['contrast', texts(contrast)] as const]),
    ...(current.other ? [['other', { text: current.other.snapshot.source.text }] as const] : []),
    // Each node was ablated at its own token alone, those of a task's circuit at every token.
    ['measured', { ...circuit.measured, place: drawn ? 'all' : 'at' }],
    ...(task
      ? [['task', { name: task.name, description: task.description, ablation: task.ablation }] as const] // prettier-ignore
      : []),
  ];
  return object([
    ...fields.map(([name, value]) => [name, JSON.stringify(value)] as const),
    ['groups', lines(notes.groups)],
    ['nodes', lines(nodes)],
    ['edges', lines(circuit.edges)],
  ]);
}

/** The text up to the prediction, and the token that was observed after it unless it is a prompt. */
function textOf({ snapshot: { source, encoding }, reader }: Asked, prompt: boolean): string {
  const last = Math.min(encoding.ids.length - 1, prompt ? reader : reader + 1);
  return last < 0 ? '' : source.text.slice(0, encoding.ends[last]);
}

/** Groups, pins and notes by node and token. */
function marksOf({ nodes }: Notes, { snapshot }: Asked): Map<string, object> {
  return new Map(
    nodes.map(({ node, at, group, pinned, note }) => {
      const token = at === null ? '' : (tokenOf(at, snapshot) ?? 'lost');
      const said = {
        ...(group === '' ? {} : { group }),
        ...(pinned ? { pinned } : {}),
        ...(note === '' ? {} : { note }),
      };
      return [`${node} ${token}`, said];
    }),
  );
}
