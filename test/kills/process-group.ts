import { type ChildProcess, spawn } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { projectFolder } from '../../lib/local/root.ts';

/** The processes to kill: `millrace` with its engine, or one of the two. */
export type Victim = 'both' | 'engine' | 'command';

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
  seconds: number;
  out: string;
}

/** `millrace ...` as a separate process group with all processes that it starts. Scratch files go below `scratch`. */
export class CommandUnderFire {
  readonly ended: Promise<Exit>;
  readonly #child: ChildProcess;
  #out = '';

  constructor(args: readonly string[], scratch: string) {
    const started = performance.now();
    this.#child = spawn(process.execPath, [path.join(projectFolder, 'bin', 'millrace.mjs'), ...args], {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, TMPDIR: scratch },
    });
    for (const stream of [this.#child.stdout!, this.#child.stderr!]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.#out += text;
      });
    }
    this.ended = new Promise((resolve) => {
      this.#child.once('exit', (code, signal) => {
        const seconds = (performance.now() - started) / 1000;
        // Its output may not have arrived yet; an engine that outlives it keeps the streams open.
        setTimeout(() => resolve({ code, signal, seconds, out: this.#out }), 50);
      });
    });
  }

  /** Kills the running processes; false if there are none. */
  async kill(victim: Victim, signal: NodeJS.Signals): Promise<boolean> {
    const group = this.#child.pid!;
    const engine = () => membersOf(group).then((members) => members.filter((pid) => pid !== group));
    const targets = victim === 'both' ? [-group] : victim === 'command' ? [group] : await engine();
    let hit = false;
    for (const target of targets) hit = send(target, signal) || hit;
    return hit;
  }

  /** Waits until no process of the group is left. Returns the processes that are left after `seconds`. */
  async leftAfter(seconds: number): Promise<number[]> {
    for (let waits = 0; waits < seconds * 20; waits++) {
      if ((await membersOf(this.#child.pid!)).length === 0) return [];
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return membersOf(this.#child.pid!);
  }
}

function send(target: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(target, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

/** The running processes of a group. In `/proc/<pid>/stat` the state is the first field after the name in brackets, the group the third. */
async function membersOf(group: number): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
      const [state, , owner] = text.slice(text.lastIndexOf(')') + 2).split(' ');
      return Number(owner) === group && state !== 'Z' ? [Number(pid)] : [];
    }),
  );
  return found.flat();
}
