/** The logit lens: what the residual stream after each layer would predict, a layer a row. */
import { counted, percent } from '../format';
import type { Panel } from '../panel';
import type { Lens } from '../protocol';
import { TERMS } from '../terms';
import { Code, Problem, Word } from './text';

export function LensView({ panel }: { panel: Panel }) {
  const { value: lens, waiting, problem } = panel.lens.now;
  if (problem !== null) return <Problem text={problem} />;
  if (!lens) return <p class="muted">Reading the residual stream…</p>;
  return (
    <div class="lens" aria-busy={waiting}>
      <p class="muted">{explanation(lens)}</p>
      <table class="outcomes" aria-label="Prediction after each layer">
        <thead>
          <tr>
            <th scope="col">
              <Word of="stream">residual stream after</Word>
            </th>
            <th scope="col">likeliest</th>
            <th scope="col" class="number" title={TERMS.share}>
              share
            </th>
            <th scope="col" class="number" title={TERMS.share}>
              <Code text={lens.target} />
            </th>
            <th scope="col" class="number">
              <Word of="rank">its rank</Word>
            </th>
          </tr>
        </thead>
        <tbody>
          {lens.rows.map((row) => (
            <Row key={row.layers} row={row} last={row.layers === lens.rows.length - 1} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ row, last }: { row: Lens['rows'][number]; last: boolean }) {
  const { layers, top, topShare, share, rank } = row;
  const name = layers === 0 ? 'the embedding alone' : `layer ${layers - 1}`;
  return (
    <tr class={rank === 1 ? 'first' : ''}>
      <th scope="row">
        {name}
        {last && <span class="muted"> (the model’s own prediction)</span>}
      </th>
      <td>
        <Code text={top} />
      </td>
      <td class="number">{percent(topShare)}</td>
      <td class="number">{percent(share)}</td>
      <td class="number">{rank}</td>
    </tr>
  );
}

/** What the lens is, and what it is not. */
function explanation({ bigram, ablations }: Lens): string {
  const end = bigram ? 'final norm, unembedding and bigram table' : 'final norm and unembedding';
  const on = ablations === 0 ? '' : ` With ${counted(ablations, 'ablation')}.`;
  return (
    `The logit lens: the model’s ${end} applied to the residual stream after each layer, as if it ended there. ` +
    `It is a reading, not a step of the model: later layers read the stream in other directions, so a token that it does not show may be prepared there already.${on}`
  );
}
