import { describe, expect, test } from 'vitest';
import { columnTypes, isNested, normalType } from '../../lib/definition/column-types.ts';

describe('the type of a column', () => {
  test.each(columnTypes)('may be the word %s', (word) => {
    expect(normalType(word)).toEqual({ type: word });
    expect(normalType(` ${word} `)).toEqual({ type: word });
  });

  test.each([
    ['decimal( 10 , 2 )', 'decimal(10,2)'],
    ['array < string >', 'array<string>'],
    ['map<string, array<int>>', 'map<string,array<int>>'],
    ['struct< a : int , b : struct<c : date> >', 'struct<a:int,b:struct<c:date>>'],
  ])('loses its blanks: %s', (text, type) => {
    expect(normalType(text)).toEqual({ type });
  });

  test.each([
    ['text', 'text'],
    ['array<text>', 'text'],
    ['map<string,struct<a:int,b:text>>', 'text'],
    ['struct<a:decimal(50,2)>', 'decimal(50,2)'],
    ['INT', 'INT'],
    ['', ''],
  ])('names the word that is wrong, however deep it is: %s', (text, word) => {
    expect(normalType(text)).toMatchObject({ wrong: expect.any(String), word });
  });

  test('limits the digits of a decimal', () => {
    expect(normalType('decimal(38,38)')).toEqual({ type: 'decimal(38,38)' });
    expect(normalType('decimal(0,0)')).toMatchObject({ wrong: 'a decimal has 1 to 38 digits, not 0' });
    expect(normalType('decimal(5,6)')).toMatchObject({ wrong: 'a decimal of 5 digits cannot have 6 after the point' });
  });

  test('has fields with different names, ignoring case', () => {
    expect(normalType('struct<a:int,A:int>')).toMatchObject({ wrong: 'the field "A" occurs twice' });
    expect(normalType('struct<a:struct<a:int>>')).toEqual({ type: 'struct<a:struct<a:int>>' });
  });

  test('is nested if it has parts', () => {
    expect(['array<int>', 'map<string,int>', 'struct<a:int>'].map(isNested)).toEqual([true, true, true]);
    expect(['int', 'decimal(10,2)', 'binary'].map(isNested)).toEqual([false, false, false]);
  });
});
