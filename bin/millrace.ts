import { program } from '../lib/cli/program.ts';

/** Runs the CLI; returns the exit code: 0 ok, 1 failure, 2 usage, 3 quality gate, 5 environment. */
export const main = (argv: readonly string[]): Promise<number> =>
  program(argv, { out: process.stdout, err: process.stderr });
