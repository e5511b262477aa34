import { spawn } from 'node:child_process';
import { appendFile } from 'node:fs/promises';
import path from 'node:path';
import { projectFolder } from '../../lib/local/root.ts';

/** Runs `cdk ...args`. */
type Cdk = (...args: string[]) => Promise<void>;

/** The real CDK CLI, talking to the twin, its output in the log. It throws with its last lines where it fails. */
export function cdkOn(environment: Record<string, string>, output: string, logFile: string): Cdk {
  const command = path.join(projectFolder, 'node_modules', '.bin', 'cdk');
  // One full validation by the rules is a test of its own; here it would take most of the time.
  const env = { ...process.env, ...environment, CDK_VALIDATION: 'false', CI: 'true' };
  return async (...args) => {
    const child = spawn(command, [...args, '--output', output, '--context', 'env=twin', '--no-notices'], {
      cwd: projectFolder,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
    }
    const status = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    await appendFile(logFile, `\n$ cdk ${args.join(' ')}\n${text}`);
    if (status !== 0) {
      const last = text.trimEnd().split('\n').slice(-15).join('\n');
      throw new Error(`cdk ${args[0]} ended with status ${status} (${logFile}):\n${last}`);
    }
  };
}
