import { program } from '../lib/cli/program.ts';

/** Runs the CLI; returns the exit code: 0 ok, 1 failure, 2 usage, 3 quality gate, 5 environment. */
export function main(argv: readonly string[]): Promise<number> {
  // Whoever reads, as `head` does, may have enough; a run goes on all the same.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
  return program(argv, { out: process.stdout, err: process.stderr });
}
