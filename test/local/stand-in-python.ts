import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll } from 'vitest';

/**
 * A program in place of the engine's Python, for tests of how its output and its end are handled. `says` takes the lines
 * of a shell script, which gets the arguments of the engine.
 */
export function standInPython() {
  let folder = '';
  let before: string | undefined;
  const at = (...names: string[]) => path.join(folder, ...names);
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'millrace-stand-in-'));
    before = process.env['MILLRACE_PYTHON'];
    process.env['MILLRACE_PYTHON'] = at('python');
  });
  afterAll(async () => {
    if (before === undefined) delete process.env['MILLRACE_PYTHON'];
    else process.env['MILLRACE_PYTHON'] = before;
    await rm(folder, { recursive: true, force: true });
  });
  return {
    at,
    says: async (...lines: string[]) => {
      await writeFile(at('python'), ['#!/bin/sh', ...lines, ''].join('\n'));
      await chmod(at('python'), 0o755);
    },
  };
}

/** A line of the script that prints a document. */
export const prints = (document: object) => `echo ${quoted(JSON.stringify(document))}`;

/** A line of the script that prints a text to stderr. */
export const complains = (text: string) => `echo ${quoted(text)} >&2`;

const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
