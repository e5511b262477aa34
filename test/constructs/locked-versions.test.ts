import path from 'node:path';
import { expect, test } from 'vitest';
import { lockedVersions } from '../../lib/constructs/locked-versions.ts';
import { projectFolder } from '../../lib/local/root.ts';

const lock = path.join(projectFolder, 'glue-scripts', 'requirements.txt');

test('packages have the locked versions, in the requested order', () => {
  const found = lockedVersions(lock, ['xgboost-cpu', 'numpy']);
  expect(found).toEqual([
    expect.stringMatching(/^xgboost-cpu==\d+\.\d+\.\d+$/),
    expect.stringMatching(/^numpy==1\.\d+\.\d+$/),
  ]);
});

test('a package that is not pinned is an error, even if its name is a prefix of another', () => {
  expect(() => lockedVersions(lock, ['xgboost'])).toThrow('does not pin xgboost');
});
