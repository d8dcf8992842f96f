/** A circuit as JSON, readable in a diff. */
import { t } from '../../shared/l10n';
import type { SessionParts } from './parts';
import { subjectView, type Current } from './subject';

/**
 * JSON of the circuit that is shown.
 * @throws when it has not been measured yet
 */
export function circuitJson(
  current: Current,
  { models: { state }, labels }: Pick<SessionParts, 'models' | 'labels'>,
): string {
  const { question, target, circuit } = current;
  const measured =
    current.drawn !== null ||
    circuit?.nodes.every(({ node, effect }) => node === null || effect !== null);
  if (!circuit || !measured)
    throw new Error(t('the circuit is still being measured; export it when it is shown'));
  const bundle = state.kind === 'ready' ? { name: state.info.name, hash: state.info.hash } : null;
  const { info } = question.snapshot;
  const { id, contrast } = target;
  const { file, cursor } = subjectView(current);
  const named = labels.of(info);
  const data = {
    format: 'circuitscope/token-circuit',
    bundle,
    file,
    token: { index: question.reader, line: cursor.line + 1, column: cursor.column + 1 },
    target: { id, text: info.tokenTexts[id] },
    ...(contrast === null ? {} : { contrast: { id: contrast, text: info.tokenTexts[contrast] } }),
    // Each node was ablated at its own token alone.
    measured: { ...circuit.measured, place: 'at' },
    nodes: circuit.nodes
      .filter(({ node }) => node !== null)
      .map(({ node, token, activation, effect }) => {
        const label = named.get(node!);
        return { node, ...(label === undefined ? {} : { label }), token, activation, effect };
      }),
    edges: circuit.edges,
  };
  return `${JSON.stringify(data, null, 2)}\n`;
}
