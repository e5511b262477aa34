import { environments } from '../environments.ts';
import { functions } from '../lambdas/functions.ts';
import { failed } from '../lib/cli/barrier.ts';
import { withCommands } from '../lib/cli/called-as.ts';
import { program } from '../lib/cli/program.ts';
import type { Terminal } from '../lib/cli/terminal.ts';
import { MillraceError } from '../lib/errors.ts';

const streams: Terminal = { out: process.stdout, err: process.stderr, environments, functions };

/** Runs the CLI; returns the exit code: 0 ok, 1 failure, 2 usage, 3 quality gate, 5 environment. Nothing that goes wrong leaves a stack trace. */
export async function main(argv: readonly string[]): Promise<number> {
  const started = { script: process.argv[1] ?? '', env: process.env, cwd: process.cwd() };
  const terminal = withCommands(streams, argv, started);
  let lost: NodeJS.ErrnoException | undefined;
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      // A reader that has enough, as `head` has, is no fault; a full disk is. A run goes on in either case.
      if (error.code !== 'EPIPE') lost ??= error;
    });
  }
  // A fault that no `await` sees ends here as well.
  const unseen = async (error: unknown) => process.exit(await failed(error, argv, terminal));
  process.on('uncaughtException', unseen).on('unhandledRejection', unseen);
  const exitCode = await program(argv, terminal);
  await Promise.all([written(process.stdout), written(process.stderr)]);
  if (lost === undefined) return exitCode;
  const hint = 'write it to another place; what the command did is done';
  const issue = { code: 'MR529', path: 'stdout', message: `the output could not be written (${lost.code})`, hint };
  const told = await failed(new MillraceError([issue], 5), [], terminal);
  return exitCode === 0 ? told : exitCode;
}

/** Once all that was written is with the reader, or was refused. */
const written = (stream: NodeJS.WriteStream) =>
  new Promise<void>((resolve) => {
    if (stream.destroyed || stream.writableLength === 0) setImmediate(resolve);
    else stream.write('', () => resolve());
  });
