import { type SpawnSyncOptions, spawnSync } from 'node:child_process';
import path from 'node:path';
import { project } from './setup.mjs';

export type Command = readonly [program: string, ...args: string[]];

export const python = path.join(project, '.venv', 'bin', 'python');
export const millrace: Command = [process.execPath, path.join(project, 'bin', 'millrace.mjs')];
/** The native compiler, which takes a fifth of the time. `typescript` itself is for its API and for editors. */
export const tsc = path.join(project, 'node_modules', 'typescript-native', 'bin', 'tsc');
export const bin = (name: string) => path.join(project, 'node_modules', '.bin', name);

/** Runs a command in the project folder and shows what it prints; one that fails ends this process with its exit status. */
export function step(title: string, [program, ...args]: Command, options: SpawnSyncOptions = {}): void {
  if (title) console.error(`\n== ${title}`);
  const result = spawnSync(program, args, { cwd: project, stdio: 'inherit', ...options });
  if (result.error) console.error(result.error.message);
  if (result.status !== 0) process.exit(result.status ?? 1);
}
