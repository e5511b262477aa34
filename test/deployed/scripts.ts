import { spawn } from 'node:child_process';
import path from 'node:path';
import { projectFolder } from '../../lib/local/root.ts';

export interface Heard {
  status: number;
  out: string;
  err: string;
}

/** Runs a verb of the CLI as a process, with CDK's own rules off, and returns its output. */
export async function ran(name: string, args: readonly string[], variables: NodeJS.ProcessEnv = {}): Promise<Heard> {
  const file = path.join(projectFolder, 'bin', 'millrace.mjs');
  const env = { ...process.env, CDK_VALIDATION: 'false', CI: 'true', ...variables };
  const child = spawn(process.execPath, [file, name, ...args], {
    cwd: projectFolder,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const heard = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    heard.out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    heard.err += text;
  });
  const status = await new Promise<number>((resolve) => child.once('close', (code) => resolve(code ?? -1)));
  return { status, ...heard };
}
