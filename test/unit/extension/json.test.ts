import { expect, it } from 'vitest';
import { fileName, setFromJson, setToJson } from '../../../extension/interventions/json';
import type { SetState } from '../../../extension/interventions/store';
import { parseInterventionSet } from '../../../models/runtime/interventions';

const state: SetState = {
  name: 'no close quote',
  entries: [
    {
      intervention: { nodes: ['0.attn.v.1'], positions: 'all', kind: { kind: 'mean' } },
      on: true,
      uri: null,
    },
    {
      intervention: {
        nodes: ['1.attn.q.1'],
        positions: { from: 4 },
        kind: { kind: 'scale', scale: -2 },
      },
      on: true,
      uri: 'a.py',
    },
    {
      intervention: { nodes: ['1.attn.k.1'], positions: 'all', kind: { kind: 'zero' } },
      on: false,
      uri: null,
    },
  ],
};

it('writes what is on as the command line reads it, and reads it back', () => {
  const json = setToJson(state);
  expect(parseInterventionSet(JSON.parse(json), 'x').interventions).toHaveLength(2);
  expect(setFromJson(json, 'x', 'a.py')).toEqual({ ...state, entries: state.entries.slice(0, 2) });
});

it('says in one line what is wrong with a file', () => {
  expect(() => setFromJson('{', 'a.json', null)).toThrow(
    'a.json is not JSON; correct it or choose another',
  );
  expect(() => setFromJson('{"name":"x","interventions":[{}]}', 'a.json', null)).toThrow(
    /^a\.json: interventions\.0\.nodes: [^\n]+$/,
  );
});

it('makes file names of set names, whatever they hold', () => {
  expect(fileName('No close quote (L2)')).toBe('No-close-quote-L2.json');
  expect(fileName('../../etc/passwd')).toBe('etc-passwd.json');
  expect(fileName('…')).toBe('interventions.json');
});
