import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { enginePackages } from '../../lib/constructs/emr/engine-packages.ts';
import { packedEngine } from '../../lib/deploy/packed-engine.ts';
import { MillraceError } from '../../lib/errors.ts';
import { projectFolder } from '../../lib/local/root.ts';

/** A project with the lock of this one, and a Python whose pip notes its arguments and installs one file. */
let folder: string;
let python: string;
let calls: string;
const lockFile = path.join('glue-scripts', 'requirements-spark.txt');

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'millrace-packed-'));
  await mkdir(path.join(folder, 'glue-scripts'));
  await writeFile(path.join(folder, lockFile), await readFile(path.join(projectFolder, lockFile)));
  calls = path.join(folder, 'calls');
  python = path.join(folder, 'python');
  await makePython('mkdir -p "$target"; echo "print(1)" >"$target/numpy.py"');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function makePython(pip: string) {
  const real = path.join(projectFolder, '.venv', 'bin', 'python');
  const lines = [
    '#!/bin/bash',
    `[ "$1" = -m ] || exec '${real}' "$@"`,
    `echo "$*" >>'${calls}'`,
    'while [ "$1" != --target ]; do shift; done',
    'target=$2',
    pip,
  ];
  await writeFile(python, `${lines.join('\n')}\n`);
  await chmod(python, 0o755);
}

const packedFiles = () => readdir(path.join(folder, '.millrace')).catch(() => []);

test('the file is made once for the same lock, with the pinned versions, and again for another', async () => {
  const first = await packedEngine(folder, python);
  expect(path.basename(first)).toBe(`emr-packages-${enginePackages(folder).hash}.zip`);
  expect(await packedEngine(folder, python)).toBe(first);
  const lock = await readFile(path.join(folder, lockFile), 'utf8');
  const [pin = ''] = /^numpy==\S+/m.exec(lock) ?? [];
  const installs = (await readFile(calls, 'utf8')).trimEnd().split('\n');
  expect(installs).toHaveLength(1);
  expect(installs[0]!.split(' ')).toEqual(
    expect.arrayContaining([pin, '--no-deps', '--python-version', '3.11', 'manylinux_2_28_x86_64']),
  );

  await writeFile(path.join(folder, lockFile), lock.replace(pin, 'numpy==1.2.3'));
  const second = await packedEngine(folder, python);
  expect(second).not.toBe(first);
  expect((await packedFiles()).sort()).toEqual([first, second].map((file) => path.basename(file)).sort());
  // The content of the file follows from its name alone.
  expect(await readFile(second)).toEqual(await readFile(first));
});

test('a package that pip cannot install leaves no file, and the reason', async () => {
  await makePython('echo "ERROR: No matching distribution found for numpy==9" >&2; exit 1');
  const error = await packedEngine(folder, python).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(MillraceError);
  expect((error as MillraceError).issues).toMatchObject([
    { code: 'MR732', message: expect.stringContaining('No matching distribution found for numpy==9') },
  ]);
  expect(await packedFiles()).toEqual([]);
});
