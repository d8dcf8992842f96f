import { describe, expect, it } from 'vitest';
import { NodeLabels } from '../../../extension/labels/labels';
import { plainLabel } from '../../../models/labels/given';

const model = { name: 'tiny', hash: '0123456789abcdef' };
const FILE = 'tiny-0123456789ab.json';
const DOCUMENT = 'file:///a.py';

function labelled(files = new Map<string, string>()) {
  const lost: string[] = [];
  const own = {
    read: (name: string) => Promise.resolve(files.get(name) ?? null),
    write: (name: string, text: string) => Promise.resolve(void files.set(name, text)),
  };
  return {
    labels: new NodeLabels(
      () => [own],
      (message) => lost.push(message),
    ),
    files,
    lost,
  };
}

describe('NodeLabels', () => {
  it('keeps labels in a file of the model, readable in a diff, and reads them again', async () => {
    const { labels, files } = labelled();
    await labels.set(model, '1.mlp.post_act.10', 'closes a string', DOCUMENT);
    await labels.set(model, '1.mlp.post_act.9', 'opens a string', DOCUMENT);
    expect(JSON.parse(files.get(FILE)!)).toEqual({
      format: 'circuitscope/labels',
      bundle: model,
      labels: { '1.mlp.post_act.9': 'opens a string', '1.mlp.post_act.10': 'closes a string' },
    });
    expect(files.get(FILE)!.indexOf('opens')).toBeLessThan(files.get(FILE)!.indexOf('closes'));
    const again = labelled(files).labels;
    await again.load(model);
    expect(again.of(model).get('1.mlp.post_act.9')).toBe('opens a string');
    expect(again.of({ name: 'tiny', hash: 'another' }).size).toBe(0);
  });

  it('loses none when two are set at once, and takes one away by an empty text', async () => {
    const { labels, files } = labelled();
    await Promise.all(
      ['a', 'b', 'c'].map((node) => labels.set(model, node, `label of ${node}`, DOCUMENT)),
    );
    await labels.set(model, 'b', ' ', DOCUMENT);
    expect([...labels.of(model).keys()]).toEqual(['a', 'c']);
    expect(files.get(FILE)).not.toContain('label of b');
  });

  it('lets everybody who asks wait for the file that is being read', async () => {
    const { labels } = labelled();
    await labels.set(model, 'a', 'first', DOCUMENT);
    labels.forget();
    expect(labels.of(model).size).toBe(0);
    void labels.load(model);
    await labels.load(model);
    expect(labels.of(model).get('a')).toBe('first');
  });

  it('keeps a label that is set while the file is read', async () => {
    const { labels, files } = labelled();
    await labels.set(model, 'a', 'first', DOCUMENT);
    labels.forget();
    let answer: (text: string) => void = () => undefined;
    const late = new Promise<string>((resolve) => (answer = resolve));
    const text = files.get(FILE)!;
    const reads = [late, Promise.resolve(text)];
    const slow = new NodeLabels(
      () => [{ read: () => reads.shift()!, write: () => Promise.resolve() }],
      () => undefined,
    );
    const loading = slow.load(model);
    await slow.set(model, 'a', 'second', DOCUMENT);
    answer(text);
    await loading;
    expect(slow.of(model).get('a')).toBe('second');
  });

  it.each(['{', '{"format":"other"}', '{"format":"circuitscope/labels","labels":[]}'])(
    'leaves a file that it cannot read as it is: %s',
    async (text) => {
      const { labels, files, lost } = labelled(new Map([[FILE, text]]));
      await labels.load(model);
      expect(lost).toHaveLength(1);
      await expect(labels.set(model, 'a', 'x', DOCUMENT)).rejects.toThrow(/correct or remove it/);
      expect(files.get(FILE)).toBe(text);
    },
  );

  it('of several folders are shown together, and each stays in the folder where it is kept', async () => {
    const [front, other] = [new Map<string, string>(), new Map<string, string>()];
    const folder = (files: Map<string, string>) => ({
      read: (name: string) => Promise.resolve(files.get(name) ?? null),
      write: (name: string, text: string) => Promise.resolve(void files.set(name, text)),
    });
    await labelled(other).labels.set(model, 'a', 'of the other folder', DOCUMENT);
    const labels = new NodeLabels(
      () => [folder(front), folder(other)],
      () => undefined,
    );
    await labels.load(model);
    expect(labels.of(model).get('a')).toBe('of the other folder');
    await labels.set(model, 'b', 'new', DOCUMENT);
    await labels.set(model, 'a', 'changed', DOCUMENT);
    expect(front.get(FILE)).toContain('new');
    expect(front.get(FILE)).not.toContain('changed');
    expect(other.get(FILE)).toContain('changed');
    expect(other.get(FILE)).not.toContain('new');
    expect([...labels.of(model)].sort()).toEqual([
      ['a', 'changed'],
      ['b', 'new'],
    ]);
    await labels.set(model, 'a', '', DOCUMENT);
    expect(labels.of(model).has('a')).toBe(false);
    const none = new NodeLabels(
      () => [],
      () => undefined,
    );
    await expect(none.set(model, 'a', 'x', DOCUMENT)).rejects.toThrow('no folder is open');
  });

  it('writes again after a write that failed', async () => {
    let full = true;
    const files = new Map<string, string>();
    const labels = new NodeLabels(
      () => [
        {
          read: (name) => Promise.resolve(files.get(name) ?? null),
          write: (name, text) =>
            full
              ? Promise.reject(new Error('disk full'))
              : Promise.resolve(void files.set(name, text)),
        },
      ],
      () => undefined,
    );
    await expect(labels.set(model, 'a', 'x', DOCUMENT)).rejects.toThrow('disk full');
    expect(labels.of(model).size).toBe(0);
    full = false;
    await labels.set(model, 'a', 'x', DOCUMENT);
    expect(labels.of(model).get('a')).toBe('x');
  });
});

describe('plainLabel', () => {
  it('is one line without anything invisible, and not too long', () => {
    expect(plainLabel('  a\n b\t\u202e c\u0000 ')).toBe('a b c');
    expect(Array.from(plainLabel('x'.repeat(999)))).toHaveLength(60);
    expect(plainLabel('  \u200b ')).toBe('');
  });
});
