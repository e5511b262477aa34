// Packs the Python packages that the engine imports on EMR into one zip file and prints its path, `npm run emr-packages`. Clusters in a
// private network can fetch nothing from PyPI. `cdk` runs this when it uploads the file.
import { renderIssues } from '../lib/cli/issues.ts';
import { packedEngine } from '../lib/deploy/packed-engine.ts';
import { MillraceError } from '../lib/errors.ts';
import { pythonOf } from '../lib/local/python.ts';
import { project } from './setup.mjs';

try {
  console.log(await packedEngine(project, await pythonOf('sail')));
} catch (error) {
  if (!(error instanceof MillraceError)) throw error;
  console.error(renderIssues(error.issues));
  process.exitCode = error.exitCode;
}
