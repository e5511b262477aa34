import { spawn } from 'node:child_process';
import path from 'node:path';
import { projectFolder } from '../../lib/local/root.ts';

export interface Heard {
  status: number;
  out: string;
  err: string;
}

/** Runs `scripts/NAME.mjs` as a process, with CDK's own rules off, and hears it out. */
export async function ran(name: string, args: readonly string[], variables: NodeJS.ProcessEnv = {}): Promise<Heard> {
  const file = path.join(projectFolder, 'scripts', `${name}.mjs`);
  const env = { ...process.env, CDK_VALIDATION: 'false', CI: 'true', ...variables };
  const child = spawn(process.execPath, [file, ...args], {
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
