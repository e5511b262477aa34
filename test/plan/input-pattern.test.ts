import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { definitionSchema } from '../../lib/definition/schema.ts';
import { entered, folderOf, type InputPattern, leftOut, partitionsOf } from '../../lib/plan/input-pattern.ts';

const pattern = (path: string, ...partitions: string[]): InputPattern => ({ path, partitions });
const isRead = (file: string, of: InputPattern) => leftOut(file, of) === undefined;

describe('a pattern', () => {
  test('with a folder and an extension reads the files directly in that folder', () => {
    const customers = pattern('customers/*.csv');
    expect(isRead('customers/a.csv', customers)).toBe(true);
    for (const other of ['customers/a.CSV', 'customers/a.csv.bak', 'customers/2025/a.csv', 'customers.csv', 'a.csv']) {
      expect(leftOut(other, customers)).toEqual({ path: other, reason: 'not like the pattern' });
    }
  });

  test('with ** reads folders of any depth, including none', () => {
    const events = pattern('events/**/*.json');
    for (const file of ['events/a.json', 'events/2025/a.json', 'events/2025/01/02/a.json', 'events//a.json']) {
      expect(isRead(file, events)).toBe(true);
    }
    expect(isRead('events/2025/a.csv', events)).toBe(false);
    expect(isRead('other/a.json', events)).toBe(false);
    expect(isRead('x/a/b/y/c.csv', pattern('x/**/y/*.csv'))).toBe(true);
    expect(isRead('x/a/b/z/c.csv', pattern('x/**/y/*.csv'))).toBe(false);
  });

  test('may have any number of * in any part', () => {
    expect(isRead('s/dt=2025/part-1-x.csv', pattern('s/dt=*/part-*-*.csv'))).toBe(true);
    expect(isRead('s/dt=2025/part-1.csv', pattern('s/dt=*/part-*-*.csv'))).toBe(false);
    expect(isRead('s/aa.csv', pattern('s/a*a.csv'))).toBe(true);
    expect(isRead('s/a.csv', pattern('s/a*a.csv'))).toBe(false);
    expect(isRead('s/regions.csv', pattern('s/regions.csv'))).toBe(true);
  });

  test('reads all part files of a matching folder, without marker files', () => {
    const people = pattern('people/*.csv');
    expect(entered('people/x.csv/', people)).toBeUndefined();
    expect(isRead('people/x.csv/part-00000.csv', people)).toBe(true);
    expect(isRead('people/x.csv/dt=1/part-00000.csv', people)).toBe(true);
    expect(leftOut('people/x.csv/_SUCCESS', people)?.reason).toBe('hidden');
    expect(leftOut('people/x.csv/.part-00000.csv.crc', people)?.reason).toBe('hidden');
    expect(entered('people/2025/', people)).toEqual({ path: 'people/2025/', reason: 'not like the pattern' });
    // A plain `*` matches every folder, so it means files.
    expect(isRead('people/2025/a.csv', pattern('people/*'))).toBe(false);
    expect(isRead('people/a.csv', pattern('people/*'))).toBe(true);
  });

  test('takes every character except * literally', () => {
    const names = ['report#1.csv', 'Kunden März.csv', '100%.csv', 'a?b.csv', 'a+b.csv', '{a,b}.csv', '[ab].csv'];
    const more = ['it\'s "x".csv', 'a\nb.csv', '\\.csv', '*.csv', '$&.csv', '^.csv', '😀.csv', '%20.csv', ' .csv'];
    for (const name of [...names, ...more]) expect(isRead(`s/${name}`, pattern('s/*.csv')), name).toBe(true);
    expect(isRead('s/axb.csv', pattern('s/a?b.csv'))).toBe(false);
    expect(isRead('s/a.csv', pattern('s/[ab].csv'))).toBe(false);
    expect(isRead('s/xcsv', pattern('s/*.csv'))).toBe(false);
  });

  test('never reads hidden files or folders, but a source may be in a hidden folder', () => {
    const all = pattern('s/**/*.csv');
    expect(leftOut('s/_temporary/0/a.csv', all)).toEqual({ path: 's/_temporary/', reason: 'hidden' });
    expect(leftOut('s/a/.b.csv', all)).toEqual({ path: 's/a/.b.csv', reason: 'hidden' });
    expect(isRead('_landing/a.csv', pattern('_landing/*.csv'))).toBe(true);
  });

  test('skips files that are still being written', () => {
    for (const name of ['a.csv.tmp', 'a.csv._COPYING_', 'a.csv~', 'a.csv.filepart']) {
      expect(leftOut(`s/${name}`, pattern('s/*'))).toEqual({ path: `s/${name}`, reason: 'still being written' });
    }
    expect(isRead('s/a.tmp', pattern('s/*.tmp'))).toBe(true);
  });

  test('must begin with a folder, which bounds its permission in the cloud', () => {
    expect(folderOf('customers/*.csv')).toBe('customers/');
    expect(folderOf('a/b/c.csv')).toBe('a/b/');
    expect(folderOf('a/dt=*/b/*.csv')).toBe('a/');
    const source = (path: string) => ({
      name: 'p',
      sources: { s: { format: 'csv', path, columns: ['a'] } },
      tables: {},
    });
    for (const path of ['s/*.csv', 's/*', 's/**/*.json', 's/dt=*/x-*.csv.gz', 's/one.csv', 'Ünter/a b/#?.csv']) {
      expect(definitionSchema.safeParse(source(path)).success, path).toBe(true);
    }
    for (const path of ['*.csv', 'a.csv', '/s/*.csv', 's/../*.csv', 's//*.csv', 's/a**/b.csv', '*/s/x.csv', 's/', '']) {
      expect(definitionSchema.safeParse(source(path)).success, path).toBe(false);
    }
  });

  test('of hostile length is matched in time linear in its size', () => {
    const started = process.cpuUsage().user;
    isRead(`s/${'a'.repeat(900)}b`, pattern(`s/${'*a'.repeat(400)}`));
    isRead(`s/${'a/'.repeat(400)}b`, pattern(`s/${'**/a/'.repeat(150)}c`));
    expect(process.cpuUsage(undefined).user - started).toBeLessThan(5_000_000);
  });
});

describe('partitions', () => {
  const sales = pattern('s/*.csv', 'dt', 'region');

  test('are folders between the source and its files, in any order, and give their values', () => {
    expect(isRead('s/dt=2024-01-01/region=EU/part.csv', sales)).toBe(true);
    expect(isRead('s/region=EU/dt=2024-01-01/part.csv', sales)).toBe(true);
    expect(isRead('s/top.csv', sales)).toBe(true);
    expect(isRead('s/other=1/part.csv', sales)).toBe(false);
    expect(partitionsOf('s/dt=2024-01-01/region=EU/part.csv', sales)).toEqual({ dt: '2024-01-01', region: 'EU' });
    expect(partitionsOf('s/top.csv', sales)).toEqual({});
    expect(partitionsOf('s/dt=x.csv', sales)).toEqual({});
  });

  test('are written as Hive writes them', () => {
    const of = (value: string) => partitionsOf(`s/region=${value}/p.csv`, sales)['region'];
    expect(of('__HIVE_DEFAULT_PARTITION__')).toBeNull();
    expect(of('a%2Fb%3Dc%25')).toBe('a/b=c%');
    expect(of('M%C3%BCnchen')).toBe('München');
    expect(of('München')).toBe('München');
    expect(of('100%')).toBe('100%');
    expect(of('%FF')).toBe('%FF');
    expect(of('')).toBe('');
    expect(of('a=b')).toBe('a=b');
    expect(of('a+b')).toBe('a+b');
  });

  test('are decoded to the encoded value, whatever it is', () => {
    const hive = (text: string) => text.replace(/[%/=#?:*"'{}[\]\\^]|\p{Cc}/gu, (c) => encodeURIComponent(c));
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (value) => {
        expect(partitionsOf(`s/region=${hive(value)}/p.csv`, sales)['region']).toBe(value);
      }),
    );
  });
});
