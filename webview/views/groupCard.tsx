/** One named group: what it is called, what is noted of it, and its nodes. */
import { plural, t } from '../../shared/l10n';
import { signed } from '../../shared/format';
import { effectOf } from '../effect';
import type { Panel } from '../panel';
import { TERMS } from '../terms';
import { Button, TextField } from '../toolkit';
import { Code, Link } from './text';

export function GroupCard({ panel, name }: { panel: Panel; name: string }) {
  const group = panel.model.marks.groups.find((one) => one.name === name);
  const members = panel.drawing.members(name);
  if (!group) return <p class="muted">{t('Choose a node to see what it does.')}</p>;
  const { collapsed, note } = group;
  const arrange = (change: { collapsed?: boolean; note?: string }) => {
    panel.act('arrange', { group: name, change });
  };
  const sum = members.reduce((total, node) => total + effectOf(node), 0);
  return (
    <div class="group-card">
      <div class="row">
        <h2>
          <bdi>{name}</bdi>
        </h2>
        <span class="muted">{plural(members.length, '{0} node', '{0} nodes')}</span>
        <Button
          title={t('Draw its nodes as one or separately')}
          onClick={() => {
            arrange({ collapsed: !collapsed });
          }}
        >
          {collapsed ? t('Expand') : t('Collapse')}
        </Button>
        <Button
          title={t('Dissolve the group; its nodes stay')}
          onClick={() => {
            panel.choice.group = null;
            panel.act('arrange', { group: name, change: null });
          }}
        >
          {t('Ungroup')}
        </Button>
      </div>
      <div class="row">
        <TextField
          key={`name ${name}`}
          class="label"
          name={t('Name of the group')}
          placeholder={t('Name')}
          maxLength={60}
          value={name}
          onChange={(text) => {
            if (text.trim() !== '' && text.trim() !== name) panel.renameGroup(name, text.trim());
          }}
        />
        <TextField
          key={`note ${name}`}
          class="note"
          name={t('Note on the group, saved in the workspace')}
          placeholder={t('Note')}
          maxLength={300}
          value={note}
          onChange={(text) => {
            if (text.trim() !== note) arrange({ note: text });
          }}
        />
      </div>
      <dl class="numbers">
        <div title={TERMS.groupEffect}>
          <dt>{t('sum of its nodes’ effects')}</dt>
          <dd>{t('{0} nats', signed(sum, 3))}</dd>
        </div>
      </dl>
      <ul class="plain members">
        {members.map((node) => (
          <li key={node.id}>
            <Link
              title={t('Open {0}', node.label)}
              onClick={() => {
                panel.choice.select([node.id]);
              }}
            >
              {node.label}
            </Link>
            {node.at !== null && <Code text={node.at} />}
            <span class="muted">{panel.drawing.meaningOf(node)}</span>
            <span class="number">{t('{0} nats', signed(effectOf(node), 3))}</span>
            <Button
              name={t('Remove {0} from the group', node.label)}
              onClick={() => {
                panel.act('group', {
                  vertices: [{ node: node.node!, token: node.token }],
                  name: '',
                });
              }}
            >
              ✕
            </Button>
          </li>
        ))}
      </ul>
    </div>
  );
}
