import { expect, it } from 'vitest';
import { entryOf, activeIn, type SetState } from '../../../extension/interventions/entry';
import {
  setFromJson,
  setToJson,
  type FileNames,
  type ReadingSet,
} from '../../../extension/interventions/json';
import { fileName } from '../../../models/keptFiles';
import { checkSet } from '../../../models/cli/ablations';
import { parseInterventionSet } from '../../../models/inference/interventions';
import { snapshotOf } from '../../support/snapshots';

const TEXT = 'a = b + c\nprint(a, b, c)\n';
const snapshot = snapshotOf(TEXT);
const { info } = snapshot;
const files: FileNames = {
  fileOf: (uri) => uri.replace('file:///', ''),
  uriOf: (file) => (file === 'a.py' ? `file:///${file}` : null),
};
const reading: ReadingSet = { info, snapshot, files };
const all = { nodes: ['0.attn.v.1'], positions: 'all', kind: { kind: 'mean' } } as const;
const from = {
  ...{ nodes: ['1.attn.q.1'], positions: { from: 4 } },
  kind: { kind: 'scale' as const, scale: -2 },
};
const state: SetState = {
  name: 'no close quote',
  entries: [
    entryOf({ ...all, nodes: [...all.nodes] }, snapshot),
    entryOf(from, snapshot),
    { ...entryOf({ ...all, nodes: ['1.attn.k.1'] }, snapshot), on: false },
  ],
};

it('writes what is on as the command line reads it, and reads it back', () => {
  const json = setToJson(state, info, files);
  const set = parseInterventionSet(JSON.parse(json), 'x');
  expect(set.interventions).toMatchObject([all, from]);
  expect(set.bundle).toEqual({ name: info.name, hash: info.hash });
  expect(set.interventions[1].place).toMatchObject({ file: 'a.py', line: 1, text: 'b' });
  expect(setFromJson(json, 'x', reading)).toEqual({ ...state, entries: state.entries.slice(0, 2) });
});

it('carries weights, and refuses those of unknown nodes', () => {
  const weight = { ...from, nodes: ['0.attn.act_in.1'], into: '0.attn.q.2' };
  const json = setToJson({ name: 'x', entries: [entryOf(weight, snapshot)] }, info, files);
  expect(parseInterventionSet(JSON.parse(json), 'x').interventions).toMatchObject([weight]);
  expect(activeIn(setFromJson(json, 'x', reading), snapshot)).toEqual([weight]);
  expect(() => setFromJson(json.replace('0.attn.q.2', '9.attn.q.2'), 'a.json', reading)).toThrow(
    /has no node "9\.attn\.q\.2"/,
  );
});

it('finds the tokens of a set in a file that has changed since', () => {
  const json = setToJson(state, info, files);
  const changed = snapshotOf(`# first\n${TEXT}`);
  const read = setFromJson(json, 'x', { ...reading, snapshot: changed });
  expect(activeIn(read, changed)).toMatchObject([all, { ...from, positions: { from: 8 } }]);
});

it('leaves out what is of another model or has lost its token', () => {
  const [, bound] = state.entries;
  const where = bound.where as { from: object };
  const lost = { ...bound, where: { from: { ...where.from, lost: true } } } as typeof bound;
  const foreign = { ...state.entries[0], model: { name: 'other', hash: 'b' } };
  const json = setToJson({ name: 'x', entries: [lost, foreign] }, info, files);
  expect(parseInterventionSet(JSON.parse(json), 'x').interventions).toEqual([]);
});

it('takes a set of another model as it is, which then waits', () => {
  const json = setToJson(state, info, files);
  const other = snapshotOf(TEXT, { hash: 'b' });
  const read = setFromJson(json, 'x', { ...reading, info: other.info, snapshot: other });
  expect(activeIn(read, other)).toEqual([]);
  expect(activeIn(read, snapshot)).toMatchObject([all, from]);
});

it('takes a set without a model for one of the model in use, if that has its nodes', () => {
  const set = (node: string) =>
    JSON.stringify({ name: 'x', interventions: [{ ...all, nodes: [node] }] });
  expect(activeIn(setFromJson(set('0.attn.v.1'), 'x', reading), snapshot)).toHaveLength(1);
  expect(() => setFromJson(set('9.attn.v.1'), 'a.json', reading)).toThrow(
    'a.json: model-a has no node "9.attn.v.1"; choose the set’s model',
  );
});

it('takes tokens without a place for those of the file in front, if it has so many', () => {
  const json = JSON.stringify({ name: 'x', interventions: [from] });
  expect(activeIn(setFromJson(json, 'x', reading), snapshot)).toEqual([from]);
  expect(() => setFromJson(json, 'x', { ...reading, snapshot: null })).toThrow(
    /open its Python file/,
  );
  const short = snapshotOf('a');
  expect(() => setFromJson(json, 'x', { ...reading, snapshot: short })).toThrow(
    /there is no token 4/,
  );
});

it('is refused on the command line in another model than its own', () => {
  const set = parseInterventionSet(JSON.parse(setToJson(state, info, files)), 'x');
  expect(() => checkSet(set, info)).not.toThrow();
  expect(() => checkSet(set, { ...info, hash: 'b' })).toThrow(
    /was made with the model 'model-a' \(a\), and the model in use/,
  );
  expect(() => checkSet({ ...set, bundle: undefined }, { ...info, hash: 'b' })).not.toThrow();
});

it('says in one line what is wrong with a file', () => {
  expect(() => setFromJson('{', 'a.json', reading)).toThrow(
    'a.json is not JSON; correct it or choose another',
  );
  expect(() => setFromJson('{"name":"x","interventions":[{}]}', 'a.json', reading)).toThrow(
    /^a\.json: interventions\.0\.nodes: [^\n]+$/,
  );
});

it('makes file names of set names, whatever they hold', () => {
  expect(fileName('No close quote (L2)')).toBe('No-close-quote-L2.json');
  expect(fileName('../../etc/passwd')).toBe('etc-passwd.json');
  expect(fileName('…')).toBe('interventions.json');
});
