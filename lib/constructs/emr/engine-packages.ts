import { createHash } from 'node:crypto';
import path from 'node:path';
import { lockedVersions } from '../locked-versions.ts';

/** The engine's Python packages for EMR: one zip file, which is made only when a deployment uploads it. */
export interface EnginePackages {
  /** The file in S3 has this name, so an unchanged file is uploaded once. */
  hash: string;
  /** Makes the file and prints its path. */
  command: readonly string[];
}

/** What the engine imports, and what those packages import. */
const names = [
  ...['delta-spark', 'importlib_metadata', 'zipp', 'numpy', 'orjson', 'pandas', 'python-dateutil', 'pytz', 'tzdata'],
  ...['pyarrow', 'scipy', 'xgboost-cpu', 'matplotlib', 'contourpy', 'cycler', 'fonttools', 'kiwisolver', 'packaging'],
  ...['pillow', 'pyparsing'],
];

/** Options of pip for the nodes of EMR: Linux on x86, with Python 3.11. */
const platform = [
  ...['--python-version', '3.11'],
  ...['manylinux_2_28_x86_64', 'manylinux_2_27_x86_64', 'manylinux_2_17_x86_64', 'manylinux2014_x86_64', 'any'].flatMap(
    (name) => ['--platform', name],
  ),
];

/** Arguments of `pip install` for these packages, as the project's lock pins them. */
export const pipArguments = (projectFolder: string): string[] => [
  ...platform,
  ...lockedVersions(path.join(projectFolder, 'glue-scripts', 'requirements-spark.txt'), names),
];

/** The packages of a project. Synthesis needs no file: `cdk` runs the command when it uploads one that is not in S3 yet. */
export const enginePackages = (projectFolder: string): EnginePackages => ({
  hash: createHash('sha256')
    .update(JSON.stringify(pipArguments(projectFolder)))
    .digest('hex'),
  command: [
    process.execPath,
    path.join(projectFolder, 'scripts', 'start.mjs'),
    path.join('scripts', 'emr-packages.ts'),
  ],
});
