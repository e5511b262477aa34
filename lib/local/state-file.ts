import { mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { MillraceError } from '../errors.ts';
import { emptyState, type PipelineState, pipelineState } from '../plan/state.ts';
import type { Root } from './root.ts';

/** The state of a pipeline, empty where it never ran. Throws MR503 for a file that is not what this program wrote. */
export async function readState(root: Root, pipeline: string): Promise<PipelineState> {
  const file = root.state(pipeline);
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return emptyState(pipeline);
  try {
    return pipelineState.parse(JSON.parse(text));
  } catch {
    const hint = 'move the file away: the next run builds every table anew, and loses none';
    throw new MillraceError([{ code: 'MR503', path: file, message: 'the state of the pipeline cannot be read', hint }]);
  }
}

/** Written beside and renamed over: a reader sees the old state or the new one, never half of it. */
export async function writeState(root: Root, state: PipelineState): Promise<void> {
  const file = root.state(state.pipeline);
  await mkdir(path.dirname(file), { recursive: true });
  const handle = await open(`${file}.tmp`, 'w');
  try {
    await handle.writeFile(JSON.stringify(state, undefined, 1));
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(`${file}.tmp`, file);
}

/** One run at a time. Returns how to give the lock back; throws MR504 while a living process holds it. */
export async function lock(root: Root, pipeline: string): Promise<() => Promise<void>> {
  const file = root.lock(pipeline);
  await mkdir(path.dirname(file), { recursive: true });
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      await writeFile(file, String(process.pid), { flag: 'wx' });
      return () => rm(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const owner = Number(await readFile(file, 'utf8').catch(() => '0'));
      if (isAlive(owner)) {
        const message = `pipeline "${pipeline}" is being run by process ${owner}`;
        throw new MillraceError([{ code: 'MR504', path: file, message, hint: 'wait for it, or stop it' }]);
      }
      // Its owner was killed: what it left is finished by this run.
      await rm(file, { force: true });
    }
  }
  throw new MillraceError([{ code: 'MR504', path: file, message: 'the lock cannot be taken', hint: 'run again' }]);
}

function isAlive(pid: number): boolean {
  if (pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
