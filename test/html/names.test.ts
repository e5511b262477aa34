import fc from 'fast-check';
import { expect, test } from 'vitest';
import { textOf } from '../../lib/html/html.ts';
import { named, sentence } from '../../lib/html/names.ts';

const parts = (name: string) => textOf(named(name)).split('<wbr>');

test('a name may break after its separators, never within a word of usual length', () => {
  expect(parts('share_resolved_90d')).toEqual(['share_', 'resolved_', '90d']);
  expect(parts('lake/churn/customers.csv')).toEqual(['lake/', 'churn/', 'customers.', 'csv']);
  expect(parts('paymentMethod=electronic')).toEqual(['payment', 'Method=', 'electronic']);
  expect(parts('/tmp/a')).toEqual(['/tmp/', 'a']);
  expect(parts('s3://lake/a')).toEqual(['s3://', 'lake/', 'a']);
  expect(parts('__id__')).toEqual(['__id__']);
});

test('a word longer than a line of a phone may break too, and no character is lost', () => {
  expect(parts('x'.repeat(60)).map((part) => part.length)).toEqual([24, 24, 12]);
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('a', 'B', '_', '/', '.', '7', 'é', '漢', '🙂', ' ') }), (name) => {
      expect(parts(name).join('')).toBe(name);
      for (const part of parts(name)) expect([...part].length).toBeLessThanOrEqual(24);
    }),
  );
});

test('a sentence may break between words, and within names of tables or files', () => {
  expect(textOf(sentence('AUC 1,234.5 of old-times'))).toBe('AUC 1,234.5 of old-times');
  expect(textOf(sentence('see orders_from_the_new_web_shop now'))).toBe(
    'see orders_<wbr>from_<wbr>the_<wbr>new_<wbr>web_<wbr>shop now',
  );
});
