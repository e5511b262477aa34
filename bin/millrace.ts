import { environments } from '../environments.ts';
import { functions } from '../lambdas/functions.ts';
import { failed } from '../lib/cli/barrier.ts';
import { withCommands } from '../lib/cli/called-as.ts';
import { program } from '../lib/cli/program.ts';
import type { Terminal } from '../lib/cli/terminal.ts';
import { MillraceError } from '../lib/errors.ts';
import { modules } from '../lib/local/import-module.ts';

const streams: Terminal = { out: process.stdout, err: process.stderr, environments, functions };

/** Runs the CLI and returns the exit code: 0 success, 1 failure, 2 usage, 3 held by the quality gate, 5 environment. No error prints a stack trace. `load` imports a pipeline. */
export async function main(argv: readonly string[], load = modules.load): Promise<number> {
  modules.load = load;
  const started = { script: process.argv[1] ?? '', env: process.env, cwd: process.cwd() };
  const terminal = withCommands(streams, argv, started);
  let lost: NodeJS.ErrnoException | undefined;
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      // A reader that closes early, such as `head`, is not an error; a full disk is. In both cases the run continues.
      if (error.code !== 'EPIPE') lost ??= error;
    });
  }
  // Errors that no `await` catches are reported too.
  const uncaught = async (error: unknown) => process.exit(await failed(error, argv, terminal));
  process.on('uncaughtException', uncaught).on('unhandledRejection', uncaught);
  const exitCode = await program(argv, terminal);
  await Promise.all([written(process.stdout), written(process.stderr)]);
  if (lost === undefined) return exitCode;
  const hint = 'write the output elsewhere; the command itself was carried out';
  const issue = { code: 'MR529', path: 'stdout', message: `the output could not be written (${lost.code})`, hint };
  const outputCode = await failed(new MillraceError([issue], 5), [], terminal);
  return exitCode === 0 ? outputCode : exitCode;
}

/** Resolves when all output was accepted or refused. */
const written = (stream: NodeJS.WriteStream) =>
  new Promise<void>((resolve) => {
    if (stream.destroyed || stream.writableLength === 0) setImmediate(resolve);
    else stream.write('', () => resolve());
  });
