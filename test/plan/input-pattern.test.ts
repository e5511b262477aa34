import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { definitionSchema } from '../../lib/definition/schema.ts';
import { entered, folderOf, type InputPattern, leftOut, partitionsOf } from '../../lib/plan/input-pattern.ts';

const pattern = (path: string, ...partitions: string[]): InputPattern => ({ path, partitions });
const isRead = (file: string, of: InputPattern) => leftOut(file, of) === undefined;

describe('a pattern', () => {
  test('of a folder and an ending reads the files right in that folder', () => {
    const customers = pattern('customers/*.csv');
    expect(isRead('customers/a.csv', customers)).toBe(true);
    for (const other of ['customers/a.CSV', 'customers/a.csv.bak', 'customers/2025/a.csv', 'customers.csv', 'a.csv']) {
      expect(leftOut(other, customers)).toEqual({ path: other, reason: 'not like the pattern' });
    }
  });

  test('with ** reads folders of any depth, none as well', () => {
    const events = pattern('events/**/*.json');
    for (const file of ['events/a.json', 'events/2025/a.json', 'events/2025/01/02/a.json', 'events//a.json']) {
      expect(isRead(file, events)).toBe(true);
    }
    expect(isRead('events/2025/a.csv', events)).toBe(false);
    expect(isRead('other/a.json', events)).toBe(false);
    expect(isRead('x/a/b/y/c.csv', pattern('x/**/y/*.csv'))).toBe(true);
    expect(isRead('x/a/b/z/c.csv', pattern('x/**/y/*.csv'))).toBe(false);
  });

  test('may have * in any part, and any number of them', () => {
    expect(isRead('s/dt=2025/part-1-x.csv', pattern('s/dt=*/part-*-*.csv'))).toBe(true);
    expect(isRead('s/dt=2025/part-1.csv', pattern('s/dt=*/part-*-*.csv'))).toBe(false);
    expect(isRead('s/aa.csv', pattern('s/a*a.csv'))).toBe(true);
    expect(isRead('s/a.csv', pattern('s/a*a.csv'))).toBe(false);
    expect(isRead('s/regions.csv', pattern('s/regions.csv'))).toBe(true);
  });

  test('reads a folder that fits it with all its part files, and no marks of the writer', () => {
    const people = pattern('people/*.csv');
    expect(entered('people/x.csv/', people)).toBeUndefined();
    expect(isRead('people/x.csv/part-00000.csv', people)).toBe(true);
    expect(isRead('people/x.csv/dt=1/part-00000.csv', people)).toBe(true);
    expect(leftOut('people/x.csv/_SUCCESS', people)?.reason).toBe('hidden');
    expect(leftOut('people/x.csv/.part-00000.csv.crc', people)?.reason).toBe('hidden');
    expect(entered('people/2025/', people)).toEqual({ path: 'people/2025/', reason: 'not like the pattern' });
    // `*` alone fits every folder, and has always meant files.
    expect(isRead('people/2025/a.csv', pattern('people/*'))).toBe(false);
    expect(isRead('people/a.csv', pattern('people/*'))).toBe(true);
  });

  test('takes every character but * for itself', () => {
    const names = ['report#1.csv', 'Kunden März.csv', '100%.csv', 'a?b.csv', 'a+b.csv', '{a,b}.csv', '[ab].csv'];
    const more = ['it\'s "x".csv', 'a\nb.csv', '\\.csv', '*.csv', '$&.csv', '^.csv', '😀.csv', '%20.csv', ' .csv'];
    for (const name of [...names, ...more]) expect(isRead(`s/${name}`, pattern('s/*.csv')), name).toBe(true);
    expect(isRead('s/axb.csv', pattern('s/a?b.csv'))).toBe(false);
    expect(isRead('s/a.csv', pattern('s/[ab].csv'))).toBe(false);
    expect(isRead('s/xcsv', pattern('s/*.csv'))).toBe(false);
  });

  test('never reads what is hidden, wherever it lies, but a source may lie in such a folder', () => {
    const all = pattern('s/**/*.csv');
    expect(leftOut('s/_temporary/0/a.csv', all)).toEqual({ path: 's/_temporary/', reason: 'hidden' });
    expect(leftOut('s/a/.b.csv', all)).toEqual({ path: 's/a/.b.csv', reason: 'hidden' });
    expect(isRead('_landing/a.csv', pattern('_landing/*.csv'))).toBe(true);
  });

  test('waits for files that are still being written', () => {
    for (const name of ['a.csv.tmp', 'a.csv._COPYING_', 'a.csv~', 'a.csv.filepart']) {
      expect(leftOut(`s/${name}`, pattern('s/*'))).toEqual({ path: `s/${name}`, reason: 'still being written' });
    }
    expect(isRead('s/a.tmp', pattern('s/*.tmp'))).toBe(true);
  });

  test('lies below a folder of its own, which is its permission in the cloud', () => {
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

  test('of hostile length is judged in time that grows with its size, not with its powers', () => {
    const started = process.cpuUsage().user;
    isRead(`s/${'a'.repeat(900)}b`, pattern(`s/${'*a'.repeat(400)}`));
    isRead(`s/${'a/'.repeat(400)}b`, pattern(`s/${'**/a/'.repeat(150)}c`));
    expect(process.cpuUsage(undefined).user - started).toBeLessThan(5_000_000);
  });
});

describe('partitions', () => {
  const sales = pattern('s/*.csv', 'dt', 'region');

  test('are folders between the source and its files, in any order, and their values are those of the folders', () => {
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

  test('come out as they went in, whatever they hold', () => {
    const hive = (text: string) => text.replace(/[%/=#?:*"'{}[\]\\^]|\p{Cc}/gu, (c) => encodeURIComponent(c));
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (value) => {
        expect(partitionsOf(`s/region=${hive(value)}/p.csv`, sales)['region']).toBe(value);
      }),
    );
  });
});
