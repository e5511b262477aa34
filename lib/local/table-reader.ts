import path from 'node:path';
import { x } from 'tinyexec';
import { issueSchema } from '../documents/run-document.ts';
import { type Issue, MillraceError } from '../errors.ts';
import { lackedPackage, pythonOf } from './python.ts';
import { projectFolder } from './root.ts';

/**
 * The output of a table-reading script of `glue-scripts`, which gets `input` on stdin. Throws the script's issue; for any other failure,
 * MR139 about `place`.
 */
export async function readTable(
  script: 'lookup.py' | 'show.py',
  args: readonly string[],
  place: string,
  hint: string,
  input = '',
): Promise<string> {
  const reading = x(await pythonOf('sail'), [path.join(projectFolder, 'glue-scripts', script), ...args]);
  const stdin = reading.process?.stdin;
  // A script that ends before reading its input reports the reason itself.
  stdin?.on('error', () => undefined);
  stdin?.end(input);
  const { exitCode, stdout, stderr } = await reading;
  if (exitCode === 0) return stdout;
  const last = stderr.trim().split('\n').at(-1) ?? '';
  const lacks = lackedPackage('sail', last);
  if (lacks !== undefined) throw new MillraceError([lacks], 5);
  const message = `the table cannot be read: ${last}`;
  throw new MillraceError([faultIn(last) ?? { code: 'MR139', path: place, message, hint }]);
}

function faultIn(line: string): Issue | undefined {
  try {
    return issueSchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}
