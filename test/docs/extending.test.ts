import { access, readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { projectFolder } from '../../lib/local/root.ts';

const page = await readFile(path.join(projectFolder, 'docs', 'extending.md'), 'utf8');

/** Heading -> the files of its table. */
const additions = page
  .split(/^## /m)
  .slice(1)
  .map((part): [string, { file: string; isNew: boolean }[]] => [
    part.split('\n')[0]!,
    [...part.matchAll(/^\| `([^`]+)`( \(new\))? \|/gm)].map(([, file, isNew]) => ({
      file: file!,
      isNew: isNew !== undefined,
    })),
  ]);

test('the page has a part for each of five additions', () => {
  expect(additions.map(([heading]) => heading.slice(0, 3))).toEqual(['(a)', '(b)', '(c)', '(d)', '(e)']);
});

const written = additions.filter(([, files]) => files.length > 0);

test('a compute kind and a function are described', () => {
  expect(written.map(([heading]) => heading)).toEqual(
    expect.arrayContaining(['(c) A compute kind', '(d) A Lambda function']),
  );
});

test.each(written)(
  '%s touches at most six files, and each exists or has a placeholder in its name',
  async (_, files) => {
    expect(files.length).toBeLessThanOrEqual(6);
    for (const { file, isNew } of files) {
      if (isNew) {
        // The folder of the example: the part before the placeholder.
        expect(file).toMatch(/<\w+>/);
        await expect(access(path.join(projectFolder, file.split('<')[0]!)), file).resolves.toBeUndefined();
      } else await expect(access(path.join(projectFolder, file)), file).resolves.toBeUndefined();
    }
  },
);
