/** The ablations of the workspace, each with its switch, and the steps back and forth. */
import { percent, signed } from '../format';
import type { Panel } from '../panel';
import type { Entry, Isolation } from '../protocol';
import { Button, Checkbox } from '../toolkit';
import { Code, Problem } from './text';

export function AblationList({ panel }: { panel: Panel }) {
  const { entries } = panel.model.ablations;
  const { value, waiting, problem } = panel.isolation.now;
  return (
    <section class="card ablation-card" aria-label="Ablations">
      <div class="row">
        <h2>Ablations</h2>
        <Button
          disabled={entries.length === 0}
          onClick={() => {
            panel.act('clear', {});
          }}
        >
          Remove all
        </Button>
      </div>
      {entries.length === 0 ? (
        <p class="muted">None. Select nodes and choose what becomes of them.</p>
      ) : (
        <ul class="ablations" aria-label="Ablations">
          {entries.map((entry, index) => (
            <Row key={index} entry={entry} index={index} panel={panel} />
          ))}
        </ul>
      )}
      {waiting && <p class="muted">Ablating all others, these, and random ones…</p>}
      {problem !== null && <Problem text={problem} />}
      {value && !waiting && <IsolationTable isolation={value} />}
    </section>
  );
}

function Row({ entry, index, panel }: { entry: Entry; index: number; panel: Panel }) {
  const { label, change, where, on, acts } = entry;
  const text = `${label} ${change}`;
  return (
    <li class={acts ? '' : 'idle'}>
      <Checkbox
        checked={on}
        name={`${text}, ${where}`}
        onChange={(now) => {
          panel.act('switch', { index, on: now });
        }}
      >
        {text}
      </Checkbox>
      <span class="muted">{acts ? where : `${where}, in another file`}</span>
      <Button
        name={`Remove ${text}, ${where}`}
        onClick={() => {
          panel.act('remove', { index });
        }}
      >
        ✕
      </Button>
    </li>
  );
}

/** Sufficiency and necessity beside random sets of the same size. */
function IsolationTable({ isolation }: { isolation: Isolation }) {
  const { size, kind, place, target, model } = isolation;
  const [these, random] =
    size === 1 ? ['this one', 'a random one'] : [`these ${size}`, `${size} random ones`];
  const rows = [
    [`none of ${these} ablated`, model],
    [`all but ${these} ablated`, isolation.allBut],
    [`all but ${random} ablated`, isolation.allButRandom],
    [`just ${these} ablated`, isolation.just],
    [`just ${random} ablated`, isolation.justRandom],
  ] as const;
  return (
    <section class="isolation" role="status">
      <h3>Are these nodes enough, and are they needed?</h3>
      <p class="muted">
        Share of <Code text={target} />; {kind}, {place}.
      </p>
      <table class="outcomes">
        <tbody>
          {rows.map(([name, { share, logprob }], i) => (
            <tr key={i}>
              <th scope="row">{name}</th>
              <td class="number">{percent(share)}</td>
              <td class="number">{i === 0 ? '' : `${signed(logprob - model.logprob)} nats`}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
