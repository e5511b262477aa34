import path from 'node:path';
import { expect, test } from 'vitest';
import { lockedVersions } from '../../lib/constructs/locked-versions.ts';
import { projectFolder } from '../../lib/local/root.ts';

const lock = path.join(projectFolder, 'glue-scripts', 'requirements.txt');

test('a package has the version of the lock, in the order asked for', () => {
  const found = lockedVersions(lock, ['xgboost-cpu', 'numpy']);
  expect(found).toEqual([
    expect.stringMatching(/^xgboost-cpu==\d+\.\d+\.\d+$/),
    expect.stringMatching(/^numpy==1\.\d+\.\d+$/),
  ]);
});

test('one that is not pinned is an error, also where its name begins another', () => {
  expect(() => lockedVersions(lock, ['xgboost'])).toThrow('does not pin xgboost');
});
