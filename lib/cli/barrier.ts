import { mkdir, mkdtemp, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Issue, MillraceError } from '../errors.ts';
import { layout } from '../lake/layout.ts';
import { systemFault } from '../local/system-faults.ts';
import { renderIssues } from './issues.ts';
import { withSourcePlaces } from './source-places.ts';
import type { Terminal } from './terminal.ts';

/** Prints an error, with `--json` also as a document, and returns the exit code. Shows no stack trace. */
export async function failed(error: unknown, argv: readonly string[], terminal: Terminal): Promise<number> {
  const fault =
    error instanceof MillraceError ? error : (systemFault(error) ?? (await unexpected(error, rootOf(argv))));
  if (isJson(argv)) terminal.out.write(`${JSON.stringify({ status: 'failed', issues: fault.issues }, undefined, 1)}\n`);
  terminal.err.write(renderIssues(fault.issues));
  return fault.exitCode;
}

export const isJson = (argv: readonly string[]) => argv.includes('--json');

/** MR539 for an unexpected error, which is a bug of this program: one sentence, and a file with the stack trace. */
async function unexpected(error: unknown, root: string): Promise<MillraceError> {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  const sentence = `${name}: ${message}`.split('\n')[0]!.slice(0, 300);
  const file = await writeTrace(error, root).catch(() => undefined);
  const hint =
    file === undefined ? 'run it again; report it if it happens again' : `report it with the stack trace in ${file}`;
  const issue: Issue = { code: 'MR539', path: file ?? 'millrace', message: `Millrace failed: ${sentence}`, hint };
  return new MillraceError([issue]);
}

/** Writes the stack trace below the root, or to a temporary folder if the root cannot be written. */
async function writeTrace(error: unknown, root: string): Promise<string> {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const trace = await withSourcePlaces(stack).catch(() => stack);
  const name = `${new Date().toISOString().replaceAll(':', '-')}-${process.pid}.txt`;
  const inRoot = async () => {
    if (!(await stat(root)).isDirectory()) throw new Error('no root');
    const folder = path.join(root, layout.faults());
    await mkdir(folder).catch((made: NodeJS.ErrnoException) => {
      if (made.code !== 'EEXIST') throw made;
    });
    return folder;
  };
  const folder = await inRoot().catch(() => mkdtemp(path.join(tmpdir(), 'millrace-fault-')));
  const file = path.join(folder, name);
  await writeFile(file, `${trace}\n`, { mode: 0o600 });
  return file;
}

function rootOf(argv: readonly string[]): string {
  const at = argv.indexOf('--root');
  const joined = argv.find((argument) => argument.startsWith('--root='));
  return path.resolve(joined?.slice('--root='.length) ?? (at >= 0 ? argv[at + 1] : undefined) ?? '.millrace');
}
