import { access } from 'node:fs/promises';
import path from 'node:path';
import { MillraceError } from '../errors.ts';
import { projectFolder } from './root.ts';

export type Engine = 'sail' | 'spark';

const folders: Record<Engine, string> = { sail: '.venv', spark: '.venv-spark' };

/** The interpreter of an engine's virtual environment. Throws MR505 where there is none. */
export async function pythonOf(engine: Engine): Promise<string> {
  const override = process.env['MILLRACE_PYTHON'];
  const python = override ?? path.join(projectFolder, folders[engine], 'bin', 'python');
  try {
    await access(python);
    return python;
  } catch {
    const hint = engine === 'sail' ? 'run `npm run setup`' : 'run `npm run setup -- --spark`';
    const message = `there is no Python environment for the engine ${engine}`;
    throw new MillraceError([{ code: 'MR505', path: python, message, hint }], 5);
  }
}
