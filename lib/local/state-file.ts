import { mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { LedgerConflict, type LedgerStore } from '../../lambdas/bookmarks/ports.ts';
import { MillraceError } from '../errors.ts';
import { emptyState, type PipelineState, pipelineState } from '../plan/state.ts';
import type { Root } from './root.ts';

/** The ledger in one file a pipeline. */
export function fileLedger(root: Root): LedgerStore {
  return {
    load: (pipeline) => readState(root, pipeline),
    save: (state) =>
      alone(root.lock(state.pipeline), async () => {
        const kept = await readState(root, state.pipeline);
        if (kept.revision !== state.revision) {
          throw new LedgerConflict(`${state.pipeline} is at revision ${kept.revision}, not ${state.revision}`);
        }
        const next = { ...state, revision: state.revision + 1 };
        await writeState(root, next);
        return next;
      }),
  };
}

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
async function writeState(root: Root, state: PipelineState): Promise<void> {
  const file = root.state(state.pipeline);
  const handle = await open(`${file}.tmp`, 'w');
  try {
    await handle.writeFile(JSON.stringify(state, undefined, 1));
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(`${file}.tmp`, file);
}

const waitMilliseconds = 10;
const mostWaits = 500;

/** Runs an action while no other process does so under the same file. A file that a killed process left behind is taken over. */
async function alone<T>(file: string, action: () => Promise<T>): Promise<T> {
  await mkdir(path.dirname(file), { recursive: true });
  for (let waits = 0; ; waits++) {
    try {
      await writeFile(file, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      if (waits === mostWaits) {
        const hint = 'delete the file if no run is going on, then run again';
        throw new MillraceError([{ code: 'MR504', path: file, message: 'the state stays locked', hint }]);
      }
      if (!isAlive(Number(await readFile(file, 'utf8').catch(() => process.pid)))) await rm(file, { force: true });
      else await new Promise((resolve) => setTimeout(resolve, waitMilliseconds));
    }
  }
  try {
    return await action();
  } finally {
    await rm(file, { force: true });
  }
}

export function isAlive(pid: number): boolean {
  if (pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
