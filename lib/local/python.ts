import { access } from 'node:fs/promises';
import path from 'node:path';
import { type Issue, MillraceError } from '../errors.ts';
import { projectFolder } from './root.ts';

export type Engine = 'sail' | 'spark';

const folders: Record<Engine, string> = { sail: '.venv', spark: '.venv-spark' };

/** MR505 if the last line of a Python process reports a missing package; otherwise undefined. */
export function lackedPackage(engine: Engine, lastLine: string): Issue | undefined {
  const name = /ModuleNotFoundError: No module named '([\w.]+)'/.exec(lastLine)?.[1];
  if (name === undefined || name.startsWith('engine')) return undefined;
  const override = process.env['MILLRACE_PYTHON'];
  const hint =
    override === undefined
      ? setUp[engine]
      : `install glue-scripts/requirements${engine === 'sail' ? '' : '-spark'}.txt into ${override}`;
  const message = `the Python environment lacks the package ${name.split('.')[0]}`;
  return { code: 'MR505', path: override ?? path.join(projectFolder, folders[engine]), message, hint };
}

const setUp: Record<Engine, string> = { sail: 'run `npm run setup`', spark: 'run `npm run setup -- --spark`' };

/** The interpreter of an engine's virtual environment. Throws MR505 if there is none. */
export async function pythonOf(engine: Engine): Promise<string> {
  const override = process.env['MILLRACE_PYTHON'];
  const python = override ?? path.join(projectFolder, folders[engine], 'bin', 'python');
  try {
    await access(python);
    return python;
  } catch {
    const message = `there is no Python environment for the engine ${engine}`;
    throw new MillraceError([{ code: 'MR505', path: python, message, hint: setUp[engine] }], 5);
  }
}
