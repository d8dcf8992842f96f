/** Groups, pins and notes of the circuit in sight, and the group that the selected nodes may become. */
import { useRef } from 'preact/hooks';
import { plural, t } from '../../shared/l10n';
import { signed } from '../../shared/format';
import { effectOf } from '../effect';
import type { Panel } from '../panel';
import type { GraphNode } from '../protocol';
import { selectedNodes } from '../selection';
import { Button } from '../toolkit';
import { About } from './about';
import { Code, Link } from './text';

export function GroupList({ panel }: { panel: Panel }) {
  const { marks, circuit } = panel.model;
  const selected = selectedNodes(circuit, panel.state.selected);
  const alone = (circuit?.nodes ?? []).filter(({ id }) => {
    const mark = marks.nodes.get(id);
    return mark && (mark.pinned || mark.note !== '');
  });
  return (
    <section class="card groups-card" aria-label={t('Groups and notes')}>
      <h2>{t('Groups and notes')}</h2>
      {selected.length === 0 ? (
        <p class="muted">
          {t(
            'Select nodes by click, Shift+click or lasso, and give them a name: they are drawn as one.',
          )}
        </p>
      ) : (
        <NewGroup
          key={selected.map(({ id }) => id).join(' ')}
          panel={panel}
          count={selected.length}
        />
      )}
      {marks.groups.length > 0 && (
        <ul class="plain groups" aria-label={t('Groups')}>
          {marks.groups.map(({ name, collapsed, note }) => (
            <GroupRow key={name} {...{ panel, name, collapsed, note }} />
          ))}
        </ul>
      )}
      {alone.length > 0 && (
        <ul class="plain" aria-label={t('Pinned nodes and notes')}>
          {alone.map((node) => (
            <MarkedRow
              key={node.id}
              panel={panel}
              id={node.id}
              node={panel.drawing.nodeOf(node.id) ?? node}
            />
          ))}
        </ul>
      )}
    </section>
  );
}

/** A name for what is selected. */
function NewGroup({ panel, count }: { panel: Panel; count: number }) {
  const field = useRef<HTMLInputElement>(null);
  const make = () => {
    const name = field.current!.value.trim();
    if (name !== '') panel.groupAs(name);
  };
  return (
    <div class="row new-group">
      <input
        ref={field}
        type="text"
        maxLength={60}
        list="group-names"
        placeholder={t('Name of the group')}
        aria-label={t('Name of the group of the selected nodes')}
        onKeyDown={({ key }) => {
          if (key === 'Enter') make();
        }}
      />
      <datalist id="group-names">
        {panel.model.marks.groups.map(({ name }) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <Button title={t('Draw them as one, under this name')} onClick={make}>
        {plural(count, 'Group {0} node', 'Group {0} nodes')}
      </Button>
    </div>
  );
}

interface GroupRowProps {
  readonly panel: Panel;
  readonly name: string;
  readonly collapsed: boolean;
  readonly note: string;
}

function GroupRow({ panel, name, collapsed, note }: GroupRowProps) {
  const members = panel.drawing.members(name);
  const sum = members.reduce((total, node) => total + effectOf(node), 0);
  return (
    <li>
      <Link
        title={t('Select the nodes of {0}', name)}
        onClick={() => {
          panel.choice.showGroup(name);
        }}
      >
        {name}
      </Link>
      <span class="muted">
        {plural(members.length, '{0} node here', '{0} nodes here')}
        {note !== '' && <bdi> · {note}</bdi>}
      </span>
      <span class="number">{members.length > 0 && t('{0} nats', signed(sum, 3))}</span>
      <Button
        name={collapsed ? t('Expand {0}', name) : t('Collapse {0}', name)}
        onClick={() => {
          panel.act('arrange', { group: name, change: { collapsed: !collapsed } });
        }}
      >
        {collapsed ? '▸' : '▾'}
      </Button>
    </li>
  );
}

function MarkedRow({ panel, id, node }: { panel: Panel; id: string; node: GraphNode }) {
  const { pinned, note } = panel.model.marks.nodes.get(id)!;
  return (
    <li>
      <Link
        title={t('Open {0}', node.label)}
        onClick={() => {
          panel.choice.select([id]);
          panel.reveal(id);
        }}
      >
        {node.label}
      </Link>
      {node.at !== null && <Code text={node.at} />}
      <About panel={panel} id={id} />
      <span class="muted">
        {pinned && t('pinned')}
        {note !== '' && <bdi> {note}</bdi>}
      </span>
    </li>
  );
}
