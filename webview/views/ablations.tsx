/** The ablations of the workspace, each with its switch, and the steps back and forth. */
import { pieces, plural, t } from '../../shared/l10n';
import { percent, signed } from '../../shared/format';
import type { Panel } from '../panel';
import type { Entry, Isolation } from '../protocol';
import { Button, Checkbox } from '../toolkit';
import { Code, Problem } from './text';

export function AblationList({ panel }: { panel: Panel }) {
  const { entries } = panel.model.ablations;
  const { value, waiting, problem } = panel.readings.isolation.now;
  return (
    <section class="card ablation-card" aria-label={t('Ablations')}>
      <div class="row">
        <h2>{t('Ablations')}</h2>
        <Button
          disabled={entries.length === 0}
          onClick={() => {
            panel.act('clear', {});
          }}
        >
          {t('Remove all')}
        </Button>
      </div>
      {entries.length === 0 ? (
        <p class="muted">{t('None. Select nodes and choose an ablation.')}</p>
      ) : (
        <ul class="ablations" aria-label={t('Ablations')}>
          {entries.map((entry, index) => (
            <Row key={index} entry={entry} index={index} panel={panel} />
          ))}
        </ul>
      )}
      {waiting && <p class="muted">{t('Ablating all others, these, and random sets…')}</p>}
      {problem !== null && <Problem text={problem} />}
      {value && !waiting && <IsolationTable isolation={value} />}
    </section>
  );
}

/** What a node is called: a person's label in quotes, or what the circuit that is drawn knows of it. */
function aboutOf({ model, drawing }: Panel, node: string): string {
  const given = model.labels.get(node);
  return given === undefined ? drawing.meaningOf({ node }) : t('“{0}”', given);
}

function Row({ entry, index, panel }: { entry: Entry; index: number; panel: Panel }) {
  const { nodes, label, change, where, on, acts } = entry;
  const about = nodes.length === 1 ? aboutOf(panel, nodes[0]) : '';
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
      {about !== '' && <span class="muted about">{about}</span>}
      <span class="muted">{where}</span>
      <Button
        name={t('Remove {0}, {1}', text, where)}
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
  const these = plural(size, 'this one', 'these {0}');
  const random = plural(size, 'a random one', '{0} random ones');
  const rows = [
    [t('none of {0} ablated', these), model],
    [t('all but {0} ablated', these), isolation.allBut],
    [t('all but {0} ablated', random), isolation.allButRandom],
    [t('just {0} ablated', these), isolation.just],
    [t('just {0} ablated', random), isolation.justRandom],
  ] as const;
  return (
    <section class="isolation" role="status">
      <h3>{t('Are these nodes enough, and are they needed?')}</h3>
      <p class="muted">
        {pieces('Probability of {0}; {1}, {2}.', <Code text={target} />, kind, place)}
      </p>
      <table class="outcomes">
        <tbody>
          {rows.map(([name, { share, logprob }], i) => (
            <tr key={i}>
              <th scope="row">{name}</th>
              <td class="number">{percent(share)}</td>
              <td class="number">
                {i === 0 ? '' : t('{0} nats', signed(logprob - model.logprob))}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
