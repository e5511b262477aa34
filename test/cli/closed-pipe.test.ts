import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { expect, test } from 'vitest';
import { projectFolder } from '../../lib/local/root.ts';

test('a command does not fail if its reader, such as head, closes the pipe', async () => {
  const program = path.join(projectFolder, 'bin', 'millrace.mjs');
  const child = spawn(process.execPath, [program, 'cost', 'churn', '--rows', '1000', '--json'], { cwd: projectFolder });
  child.stdout.destroy();
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const [status] = await once(child, 'close');
  expect({ status, said: said.includes('EPIPE') }).toEqual({ status: 0, said: false });
});
