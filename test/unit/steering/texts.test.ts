import { describe, expect, it } from 'vitest';
import { checkAligned } from '../../../models/steering/texts';

const ids = (...numbers: number[]) => Uint16Array.from(numbers);

describe('two texts to steer between', () => {
  it('have as many tokens, or the other ends at the place', () => {
    expect(() => {
      checkAligned(ids(1, 2, 3, 4), ids(1, 9, 3, 4), 2);
    }).not.toThrow();
    expect(() => {
      checkAligned(ids(1, 2, 3, 4), ids(1, 9, 3), 2);
    }).not.toThrow();
  });

  it('are refused with what differs where they have not', () => {
    expect(() => {
      checkAligned(ids(1, 2, 3, 4), ids(1, 9, 8, 3, 4), 2);
    }).toThrow(
      'the texts differ from token 1 on, in 1 tokens of one and 2 of the other; give texts that differ in equally many tokens',
    );
    expect(() => {
      checkAligned(ids(1, 1, 1), ids(1, 1, 1, 1), 1);
    }).toThrow('from token 3 on, in 0 tokens of one and 1 of the other');
  });

  it('are refused where they differ only after the place', () => {
    expect(() => {
      checkAligned(ids(1, 2, 3, 4), ids(1, 2, 3, 5), 2);
    }).toThrow('the same tokens up to the place');
  });
});
