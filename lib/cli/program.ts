import { Command, CommanderError } from 'commander';
import { MillraceError } from '../errors.ts';
import { backfillCommand } from './backfill.ts';
import { checkCommand } from './check.ts';
import { costCommand } from './cost.ts';
import { doctorCommand } from './doctor.ts';
import { generateCommand } from './generate.ts';
import { renderIssues } from './issues.ts';
import { ledgerCommand } from './ledger.ts';
import { logsCommand } from './logs.ts';
import { planCommand } from './plan.ts';
import { runCommand } from './run.ts';
import { scoreCommand } from './score.ts';
import { statusCommand } from './status.ts';
import type { Terminal } from './terminal.ts';

/** One file a verb. Each returns its exit code; only here are faults turned into text. */
export async function program(argv: readonly string[], terminal: Terminal): Promise<number> {
  let exitCode = 0;
  const finish = (code: number) => {
    exitCode = code;
  };
  const root = new Command('millrace')
    .description(
      'Lakehouse and machine-learning pipelines: described once, run whole here, deployed as the same thing.',
    )
    .version('0.1.0')
    .showHelpAfterError('(millrace --help lists the commands)')
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({ writeOut: (text) => terminal.out.write(text), writeErr: (text) => terminal.err.write(text) });
  for (const command of [
    checkCommand,
    planCommand,
    runCommand,
    statusCommand,
    logsCommand,
    backfillCommand,
    scoreCommand,
    ledgerCommand,
    costCommand,
    generateCommand,
    doctorCommand,
  ]) {
    const made = command(terminal, finish).copyInheritedSettings(root);
    for (const under of made.commands) under.copyInheritedSettings(made);
    root.addCommand(made);
  }
  try {
    await root.parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    return failed(error, argv.includes('--json'), terminal);
  }
}

function failed(error: unknown, json: boolean, terminal: Terminal): number {
  if (!(error instanceof MillraceError)) {
    const { code, message, path } = error as NodeJS.ErrnoException;
    if (code !== 'ENOSPC' && code !== 'EACCES' && code !== 'EROFS') throw error;
    const issue =
      code === 'ENOSPC'
        ? {
            code: 'MR501',
            path: path ?? '',
            message: 'the disk is full',
            hint: 'free some space and run again: nothing published is lost',
          }
        : { code: 'MR508', path: path ?? '', message, hint: 'choose a folder you may write to with --root' };
    return failed(new MillraceError([issue], 5), json, terminal);
  }
  if (json) terminal.out.write(`${JSON.stringify({ status: 'failed', issues: error.issues }, undefined, 1)}\n`);
  terminal.err.write(renderIssues(error.issues));
  return error.exitCode;
}
