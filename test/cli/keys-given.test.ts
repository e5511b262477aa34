import { describe, expect, test } from 'vitest';
import { keysGiven } from '../../lib/cli/keys-given.ts';

describe('keys given to score', () => {
  test('of one column are values, whatever they contain', () => {
    expect(keysGiven(['id'], ['C-1', 'id=2', 'a=b'])).toEqual([['C-1'], ['id=2'], ['a=b']]);
  });

  test('of several columns are named, in any order, and a repeated column begins the next key', () => {
    const given = ['day=2024-01-01', 'shop=a=b', 'shop=', 'day=2024-01-02'];
    expect(keysGiven(['shop', 'day'], given)).toEqual([
      ['a=b', '2024-01-01'],
      ['', '2024-01-02'],
    ]);
  });

  test.each([
    [['C-1'], '"C-1" is not a key column with a value'],
    [['=1'], '"=1" is not a key column'],
    [['town=1'], '"town=1" is not a key column'],
    [['shop=a'], 'the key shop=a lacks day'],
    [['shop=a', 'shop=b', 'day=1'], 'the key shop=a lacks day'],
  ])('of several columns that are not all there are MR158: %j', (given, message) => {
    const keys = () => keysGiven(['shop', 'day'], given);
    expect(keys).toThrow(expect.objectContaining({ exitCode: 2 }));
    expect(keys).toThrow(
      expect.objectContaining({
        issues: [
          {
            code: 'MR158',
            path: '--id',
            message: expect.stringContaining(message),
            hint: '--id shop=... --id day=...',
          },
        ],
      }),
    );
  });
});
