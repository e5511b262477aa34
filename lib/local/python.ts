import { readFileSync } from 'node:fs';
import { access } from 'node:fs/promises';
import path from 'node:path';
import { type Issue, MillraceError } from '../errors.ts';
import { projectFolder } from './root.ts';

export type Engine = 'sail' | 'spark';

const folders: Record<Engine, string> = { sail: '.venv', spark: '.venv-spark' };

/** MR505 if the last line of a Python process reports a missing package; otherwise undefined. */
export function lackedPackage(engine: Engine, lastLine: string, venv = folderOf(engine)): Issue | undefined {
  const name = /ModuleNotFoundError: No module named '([\w.]+)'/.exec(lastLine)?.[1];
  if (name === undefined || name.startsWith('engine')) return undefined;
  const override = process.env['MILLRACE_PYTHON'];
  const hint =
    override === undefined
      ? (setUpRunning(venv) ?? setUp[engine])
      : `install glue-scripts/requirements${engine === 'sail' ? '' : '-spark'}.txt into ${override}`;
  const message = `the Python environment lacks the package ${name.split('.')[0]}`;
  return { code: 'MR505', path: override ?? venv, message, hint };
}

const folderOf = (engine: Engine) => path.join(projectFolder, folders[engine]);

/** The hint while `scripts/setup.mjs` works on an environment: a second set-up would only wait. */
export function setUpRunning(venv: string): string | undefined {
  try {
    const pid = Number(readFileSync(path.join(venv, '.millrace-setup'), 'utf8'));
    // Process 0 would be this one's group.
    if (!(pid > 0)) return undefined;
    process.kill(pid, 0);
    return `the set-up is running (process ${pid}): wait for it`;
  } catch {
    return undefined;
  }
}

const setUp: Record<Engine, string> = { sail: 'run `npm run setup`', spark: 'run `npm run setup -- --spark`' };

/** The interpreter of an engine's virtual environment. Throws MR505 if there is none. */
export async function pythonOf(engine: Engine): Promise<string> {
  const override = process.env['MILLRACE_PYTHON'];
  const python = override ?? path.join(folderOf(engine), 'bin', 'python');
  try {
    await access(python);
    return python;
  } catch {
    const message = `there is no Python environment for the engine ${engine}`;
    throw new MillraceError(
      [{ code: 'MR505', path: python, message, hint: setUpRunning(folderOf(engine)) ?? setUp[engine] }],
      5,
    );
  }
}
