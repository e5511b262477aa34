// Runs commands one after the other in the project folder; the first that fails ends it with its exit status.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { project } from './setup.mjs';

export const python = path.join(project, '.venv', 'bin', 'python');
export const millrace = [process.execPath, path.join(project, 'bin', 'millrace.mjs')];
export const bin = (name) => path.join(project, 'node_modules', '.bin', name);

export function step(title, [command, ...args], options = {}) {
  if (title) console.error(`\n== ${title}`);
  const result = spawnSync(command, args, { cwd: project, stdio: 'inherit', ...options });
  if (result.error) console.error(result.error.message);
  if (result.status !== 0) process.exit(result.status ?? 1);
}
