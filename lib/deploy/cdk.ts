import { spawn } from 'node:child_process';
import { appendFile, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fault } from '../aws/faults.ts';

export interface CdkOptions {
  projectFolder: string;
  /** Name of the environment. */
  env: string;
  /** Where the templates go. */
  output: string;
  /** Of CDK's own text; to stderr, so that stdout stays ours. */
  quiet?: boolean;
  /** Environment variables beside those of this process. */
  variables?: Readonly<Record<string, string>>;
  /** A file that CDK's text is added to. */
  logFile?: string;
}

/** Runs `cdk ARGS` of this project, its words on stderr. Throws MR701 where it fails, which by then has said why. */
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
  const message = `cdk ${args[0]} ended with status ${status}${last}`;
  throw fault(
    'MR701',
    `cdk ${args[0]}`,
    message,
    'do what its last lines say, then run it again: what is done stays done',
  );
}

/** The templates that a synthesis left in a folder, by the stack's name. */
export async function templatesIn(folder: string): Promise<Record<string, unknown>> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.template.json')).sort();
  const texts = await Promise.all(names.map((name) => readFile(path.join(folder, name), 'utf8')));
  return Object.fromEntries(
    names.map((name, i) => [name.slice(0, -'.template.json'.length), JSON.parse(texts[i]!) as unknown]),
  );
}
