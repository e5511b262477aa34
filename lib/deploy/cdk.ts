import { spawn } from 'node:child_process';
import { appendFile, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fault } from '../aws/faults.ts';

export interface CdkOptions {
  projectFolder: string;
  /** Name of the environment. */
  env: string;
  /** Folder for the templates. */
  output: string;
  /** Hides CDK's output, which otherwise goes to stderr. */
  quiet?: boolean;
  /** Environment variables in addition to those of this process. */
  variables?: Readonly<Record<string, string>>;
  /** A file to append CDK's output to. */
  logFile?: string;
}

/** Runs this project's `cdk ARGS`, with output on stderr. Throws MR701 if it fails; its output has the reason. */
export async function cdk(args: readonly string[], options: CdkOptions): Promise<void> {
  const { projectFolder, env, output, quiet, variables, logFile } = options;
  const command = path.join(projectFolder, 'node_modules', '.bin', 'cdk');
  const given = [...args, '--output', output, '--context', `env=${env}`, '--no-notices'];
  const child = spawn(command, given, {
    cwd: projectFolder,
    env: { ...process.env, ...variables },
    stdio: ['inherit', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      if (!quiet) process.stderr.write(chunk);
    });
  }
  const status = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (logFile !== undefined) await appendFile(logFile, `\n$ cdk ${args.join(' ')}\n${text}`);
  if (status === 0) return;
  const last = quiet ? `:\n${text.trimEnd().split('\n').slice(-12).join('\n')}` : '';
  const message = `cdk ${args[0]} failed with exit code ${status}${last}`;
  throw fault(
    'MR701',
    `cdk ${args[0]}`,
    message,
    'fix the problem in its last lines, then run it again; finished steps are kept',
  );
}

/** The synthesised templates in a folder, by stack name. */
export async function templatesIn(folder: string): Promise<Record<string, unknown>> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.template.json')).sort();
  const texts = await Promise.all(names.map((name) => readFile(path.join(folder, name), 'utf8')));
  return Object.fromEntries(
    names.map((name, i) => [name.slice(0, -'.template.json'.length), JSON.parse(texts[i]!) as unknown]),
  );
}
