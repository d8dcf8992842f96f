/** Texts in the language that is spoken, and sentences of models/ in it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { nodeLabel } from '../../../extension/interventions/describe';
import { storyView } from '../../../extension/panel/storyView';
import { circuitMarkdown } from '../../../models/labels/explain/markdown';
import { listed, say, sayMany, type Sentence } from '../../../models/labels/explain/sentence';
import { pieces, plural, speak, spoken, t, template, type Words } from '../../../shared/l10n';
import { tinyConfig } from '../../support/models';
import { ROOT } from './texts';

const file = join(ROOT, 'l10n/bundle.l10n.zh-cn.json');
const words = JSON.parse(readFileSync(file, 'utf8')) as Words;
const chinese = { name: 'zh-cn', words };
const config = tinyConfig();
afterEach(() => {
  speak(null);
});

describe('texts', () => {
  it('are English by default, with values in their places and counts as people write them', () => {
    expect(t('{0} of {1} nodes', 3, 9)).toBe('3 of 9 nodes');
    expect(plural(1, '{0} node', '{0} nodes')).toBe('1 node');
    expect(plural(12345, '{0} ablation of {1} nodes', '{0} ablations of {1} nodes', 7)).toBe(
      '12,345 ablations of 7 nodes',
    );
    expect(pieces('{0} at {1}', 'a', { x: 1 })).toEqual(['a', ' at ', { x: 1 }]);
    expect(template('{0} at {1}')).toBe('{0} at {1}');
  });

  it('are in the language that is spoken, whatever order it puts the values in', () => {
    speak(chinese);
    expect(spoken().name).toBe('zh-cn');
    expect(t('‘{0}’ in line {1}', 'def', 3)).toBe('第 3 行的‘def’');
    expect(plural(1, '{0} node', '{0} nodes')).toBe('1 个节点');
    expect(plural(12345, '{0} node', '{0} nodes')).toBe('12,345 个节点');
    expect(nodeLabel('1.attn.q.5', config)).toMatch(/^L1 头 \d+ · Q 通道 \d+$/);
  });

  it('that the language lacks, or has by accident as an object has names, stay English', () => {
    speak(chinese);
    expect(t('toString')).toBe('toString');
    expect(t('{0} and then {1}', 1, 2)).toBe('1 and then 2');
  });

  it('take a value as it is, places in it and all', () => {
    expect(t('{0}: {1}', '{1}', 'x')).toBe('{1}: x');
  });
});

describe('sentences of models/', () => {
  const node = {
    node: '0.mlp.post_act.3',
    token: 2,
    text: 'L0 MLP neuron 3',
    label: null,
    about: null,
  };
  const nodes = listed([node, say('the token {0} itself', { code: ' x' }), { code: 'z' }]);
  const sentence: Sentence = [
    say('{0}; it depends most on {1}.', sayMany(2, '{0} node', '{0} nodes'), nodes),
  ];
  const shown = () =>
    storyView([sentence], config)[0]
      .map((piece) =>
        typeof piece === 'string' ? piece : 'code' in piece ? `[${piece.code}]` : `<${piece.text}>`,
      ) // prettier-ignore
      .join('');

  it('have their nodes and tokens in the panel, in either language', () => {
    expect(shown()).toBe(
      '2 nodes; it depends most on <L0 MLP neuron 3>, the token [·x] itself and [z].',
    );
    speak(chinese);
    expect(shown()).toBe('2 个节点；它最依赖 <L0 MLP 神经元 3>、词元 [·x] 本身 和 [z]。');
  });

  it('make a page in the language of its reader', () => {
    const story = {
      ...{ name: 'quotes', description: null, bundle: { name: 'm', hash: 'f'.repeat(64) } },
      ...{ pairs: 3, summary: [sentence], answers: 'a or b' },
      drawing: { nodes: [], edges: [], answers: [], of: 0 },
      parts: [{ title: [say('Layer {0}, MLP', '0')], sentences: [], nodes: [] }],
    };
    expect(circuitMarkdown(story)).toMatch(/^# quotes, explained\n/);
    const reader = { words: template, node: () => 'N', unlabelled: '', own: () => null };
    speak(chinese);
    const page = circuitMarkdown(story, { ...reader, unlabelled: t('no label') });
    expect(page).toMatch(/^# quotes 的解释\n/);
    expect(page).toContain('它最依赖 N (无标签)、词元 ` x` 本身 和 `z`。');
    expect(page).toContain('## 第 0 层，MLP');
    const own = () => '“mine”';
    expect(circuitMarkdown(story, { ...reader, own })).toContain('N (“mine”)');
  });
});
