// Packs the Python packages that the engine imports on EMR: wheels for Linux on x86 and Python 3.11, as the lock pins them, into one zip
// file, `npm run emr-packages`. Clusters in a private network can fetch nothing from PyPI.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { lockedVersions } from '../lib/constructs/locked-versions.ts';
import { project } from './setup.mjs';

const names = [
  ...['delta-spark', 'importlib_metadata', 'zipp', 'numpy', 'orjson', 'pandas', 'python-dateutil', 'pytz', 'tzdata'],
  ...['pyarrow', 'scipy', 'xgboost-cpu', 'matplotlib', 'contourpy', 'cycler', 'fonttools', 'kiwisolver', 'packaging'],
  ...['pillow', 'pyparsing'],
];
const lock = path.join(project, 'glue-scripts', 'requirements-spark.txt');
const python = path.join(project, '.venv', 'bin', 'python');
const archive = path.join(project, '.millrace', 'emr-packages.zip');
const folder = mkdtempSync(path.join(tmpdir(), 'millrace-emr-packages-'));
const platforms = [
  'manylinux_2_28_x86_64',
  'manylinux_2_27_x86_64',
  'manylinux_2_17_x86_64',
  'manylinux2014_x86_64',
  'any',
];
try {
  const target = ['--target', folder, '--only-binary=:all:', '--no-deps', '--python-version', '3.11'];
  const wanted = [...target, ...platforms.flatMap((name) => ['--platform', name]), ...lockedVersions(lock, names)];
  execFileSync(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...wanted], {
    stdio: 'inherit',
  });
  // The same bytes for the same lock, so that a synthesis changes nothing for having been packed again.
  const pack = [
    'import os, sys, zipfile',
    'root, out = sys.argv[1:]',
    'with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:',
    '    for at, folders, files in os.walk(root):',
    '        folders[:] = sorted(f for f in folders if f not in ("__pycache__", "tests", "bin"))',
    '        for name in sorted(files):',
    '            file = os.path.join(at, name)',
    '            info = zipfile.ZipInfo(os.path.relpath(file, root), (2020, 1, 1, 0, 0, 0))',
    '            info.external_attr, info.compress_type = 0o644 << 16, zipfile.ZIP_DEFLATED',
    '            archive.writestr(info, open(file, "rb").read())',
  ].join('\n');
  mkdirSync(path.dirname(archive), { recursive: true });
  execFileSync(python, ['-c', pack, folder, archive], { stdio: 'inherit' });
  console.log(archive);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
