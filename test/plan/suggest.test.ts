import { expect, test } from 'vitest';
import { nearest, suggestion } from '../../lib/plan/suggest.ts';

test.each([
  ['chrun', ['churn', 'telco'], 'churn'],
  ['custmers', ['customers', 'regions'], 'customers'],
  ['Orders', ['orders'], 'orders'],
  ['shop', ['shopers', 'dogs', 'ship'], 'ship'],
  ['shop', ['shopers'], undefined],
  ['a', ['b'], 'b'],
  ['id', ['at'], undefined],
  ['customers', ['shopers'], undefined],
])('the name nearest to "%s" among %j is %s', (name, known, near) => {
  expect(nearest(name, known)).toBe(near);
});

test('valid names are listed, nearest first', () => {
  expect(suggestion('chrun', ['telco', 'churn'])).toBe('churn   (known: telco, churn)');
  expect(suggestion('other', ['telco'])).toBe('known: telco');
  expect(suggestion('other', [])).toBe('there are none');
});
