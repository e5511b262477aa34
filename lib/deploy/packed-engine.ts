import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { enginePackages, pipArguments } from '../constructs/emr/engine-packages.ts';
import { MillraceError } from '../errors.ts';

/** The same bytes for the same packages. */
const zip = `
import os, sys, zipfile
root, out = sys.argv[1:]
with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
    for at, folders, files in os.walk(root):
        folders[:] = sorted(f for f in folders if f not in ("__pycache__", "tests", "bin"))
        for name in sorted(files):
            file = os.path.join(at, name)
            info = zipfile.ZipInfo(os.path.relpath(file, root), (2020, 1, 1, 0, 0, 0))
            info.external_attr, info.compress_type = 0o644 << 16, zipfile.ZIP_DEFLATED
            archive.writestr(info, open(file, "rb").read())
`;

/**
 * The zip file of the engine's Python packages in a project's `.millrace`, made with this Python if it is not there. Its name contains
 * the hash of the pinned versions. Throws MR732 if pip fails.
 */
export async function packedEngine(projectFolder: string, python: string): Promise<string> {
  const folder = path.join(projectFolder, '.millrace');
  const file = path.join(folder, `emr-packages-${enginePackages(projectFolder).hash}.zip`);
  if (existsSync(file)) return file;
  await mkdir(folder, { recursive: true });
  const scratch = await mkdtemp(path.join(folder, 'packing-'));
  try {
    const install = [
      '-m',
      'pip',
      'install',
      '--quiet',
      '--disable-pip-version-check',
      '--only-binary=:all:',
      '--no-deps',
    ];
    const installed = path.join(scratch, 'installed');
    await promisify(execFile)(python, [...install, '--target', installed, ...pipArguments(projectFolder)]);
    // Elsewhere first: a file that is cut off would be taken for a whole one.
    const unfinished = path.join(scratch, 'packed.zip');
    await promisify(execFile)(python, ['-c', zip, installed, unfinished]);
    await rename(unfinished, file);
    return file;
  } catch (error) {
    const { stderr = '', message } = error as Error & { stderr?: string };
    const last = stderr.trim().split('\n').at(-1) || message;
    throw new MillraceError(
      [
        {
          code: 'MR732',
          path: file,
          message: `the engine's Python packages for EMR could not be packed: ${last}`,
          hint: 'check the connection to PyPI, then run it again',
        },
      ],
      5,
    );
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
