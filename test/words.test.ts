import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { projectFolder } from '../lib/local/root.ts';
import { counted, pasteable } from '../lib/words.ts';

test('counts use the singular for one, and separate thousands', () => {
  expect([0, 1, 2, 1_234].map((n) => counted(n, 'row'))).toEqual(['0 rows', '1 row', '2 rows', '1,234 rows']);
  expect(counted(2, 'copy', 'copies')).toBe('2 copies');
});

test('no message has a fixed plural after a number', async () => {
  const fixedPlural = /\$\{[^{}]*\} (rows|files|tasks|records|models|runs|warnings|versions|columns|tables)\b/;
  expect('`${n} rows were read`').toMatch(fixedPlural);
  const names = (await readdir(path.join(projectFolder, 'lib'), { recursive: true })).filter((name) =>
    name.endsWith('.ts'),
  );
  const texts = await Promise.all(names.map((name) => readFile(path.join(projectFolder, 'lib', name), 'utf8')));
  const code = texts.map((text) => text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, ''));
  expect(code.flatMap((text, i) => (fixedPlural.test(text) ? [names[i]] : []))).toEqual([]);
});

test('words that are hard to read stay out of code, messages and documents', async () => {
  const hard =
    /\b(told(?! apart)|whoever|whomever|somebody|as (it|they) stands?|as (it|they) (was|were) before|of (its|their) own(?! key)|anew|there where|go(es)? on(?!ly)|stays? as it was|to be had|says so|thereof|in its stead|ought to)\b/i;
  expect('Unless told otherwise, it goes on.').toMatch(hard);
  expect('Depends on rows of its own key').not.toMatch(hard);
  const folders = ['lib', 'lambdas', 'bin', 'docs', 'test', 'twin', 'scripts', 'bench', 'pipelines', 'glue-scripts'];
  const inFolders = await Promise.all(
    folders.map(async (folder) =>
      (await readdir(path.join(projectFolder, folder), { recursive: true })).map((name) => path.join(folder, name)),
    ),
  );
  const names = [...inFolders.flat(), 'README.md', 'CONTRIBUTING.md', 'environments.ts'].filter(
    (name) => /\.(ts|mjs|md|py|sql)$/.test(name) && name !== 'test/words.test.ts',
  );
  const found = await Promise.all(
    names.map(async (name) => {
      const lines = (await readFile(path.join(projectFolder, name), 'utf8')).split('\n');
      return lines.flatMap((line, i) => {
        const word = hard.exec(line)?.[0];
        return word === undefined ? [] : [`${name}:${i + 1} ${word}`];
      });
    }),
  );
  expect(found.flat()).toEqual([]);
});

describe('a command in a message', () => {
  test('is written so that it runs in a clone, anywhere in the text', () => {
    expect(pasteable('run `millrace run churn`, or `millrace plan churn --json`')).toBe(
      'run `npx millrace run churn`, or `npx millrace plan churn --json`',
    );
    expect(pasteable('run `millrace\n  run churn` again')).toBe('run `npx millrace\n  run churn` again');
    expect(pasteable('millrace models compare churn 1 2')).toBe('npx millrace models compare churn 1 2');
    expect(pasteable('it has not run yet\n  try   millrace run churn\n')).toBe(
      'it has not run yet\n  try   npx millrace run churn\n',
    );
  });

  test('is written as the user called it, with the options that it needs', () => {
    expect(pasteable('run `millrace doctor`', 'node ../bin/millrace.mjs', () => " --root '/tmp/a $& b'")).toBe(
      "run `node ../bin/millrace.mjs doctor --root '/tmp/a $& b'`",
    );
    expect(pasteable('millrace run x', '$1 $&')).toBe('$1 $& run x');
  });

  test('is not found in names, folders and sentences', () => {
    for (const text of [
      'the folder .millrace',
      '`.millrace`',
      'Millrace failed',
      'a `millrace-lake-1` folder',
      'what millrace is',
    ]) {
      expect(pasteable(text)).toBe(text);
    }
  });
});
