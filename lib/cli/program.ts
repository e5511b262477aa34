import { Command, CommanderError } from 'commander';
import { MillraceError } from '../errors.ts';
import { backfillCommand } from './backfill.ts';
import { failed, isJson } from './barrier.ts';
import { bookmarksCommand } from './bookmarks.ts';
import { checkCommand } from './check.ts';
import { costCommand } from './cost.ts';
import { deployCommand } from './deploy.ts';
import { destroyCommand } from './destroy.ts';
import { diffCommand } from './diff.ts';
import { discoverCommand } from './discover.ts';
import { doctorCommand } from './doctor.ts';
import { generateCommand } from './generate.ts';
import { logsCommand } from './logs.ts';
import { modelsCommand } from './models.ts';
import { notWithEnvironment } from './options.ts';
import { planCommand } from './plan.ts';
import { runCommand } from './run.ts';
import { scoreCommand } from './score.ts';
import { showCommand } from './show.ts';
import { statusCommand } from './status.ts';
import { synthCommand } from './synth.ts';
import { printJson, type Stream, type Terminal } from './terminal.ts';

/** One file per verb. Each returns its exit code; only this file turns errors into text. */
export async function program(given: readonly string[], terminal: Terminal): Promise<number> {
  // Until version 0.2 `bookmarks` can be called by its earlier name.
  const argv = given[0] === 'ledger' ? ['bookmarks', ...given.slice(1)] : given;
  let exitCode = 0;
  let place = '';
  const helped: string[] = [];
  const finish = (code: number) => {
    exitCode = code;
  };
  const root = new Command('millrace')
    .description('Lakehouse and machine-learning pipelines: define once, run on this machine, deploy the same to AWS.')
    .version('0.1.0')
    .showSuggestionAfterError()
    // So that `show --version N` reaches the verb.
    .enablePositionalOptions()
    .configureOutput({
      writeOut: (text) => (isJson(argv) ? helped.push(text) : terminal.out.write(text)),
      writeErr: (text) => helped.push(text),
      outputError: () => undefined,
      // A terminal with zero columns would get one letter per line.
      getOutHelpWidth: () => columnsOf(terminal.out),
      getErrHelpWidth: () => columnsOf(terminal.err),
    });
  for (const command of [
    checkCommand,
    planCommand,
    runCommand,
    statusCommand,
    showCommand,
    logsCommand,
    backfillCommand,
    scoreCommand,
    modelsCommand,
    bookmarksCommand,
    costCommand,
    generateCommand,
    discoverCommand,
    doctorCommand,
    synthCommand,
    diffCommand,
    deployCommand,
    destroyCommand,
  ]) {
    const made = command(terminal, finish).copyInheritedSettings(root);
    for (const under of made.commands) under.copyInheritedSettings(made);
    root.addCommand(made);
  }
  // Only the command itself knows that it was called: a name of one command may be an argument of another.
  const reportAs = (command: Command, name: string) => {
    command.exitOverride((error) => {
      place = name;
      throw error;
    });
    for (const under of command.commands) reportAs(under, `${name} ${under.name()}`);
  };
  reportAs(root, 'millrace');
  try {
    await root.parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) return failed(error, argv, terminal);
    // Help and version are not errors, but --json still prints a document.
    if (error.exitCode === 0) {
      if (isJson(argv)) printJson(terminal, { status: 'ok', text: helped.join('') });
      return 0;
    }
    if (error.code === 'commander.help') terminal.err.write(helped.join(''));
    return failed(usageFault(error, place, root), argv, terminal);
  }
}

/** Commander's message about wrong arguments, as MR706. */
function usageFault({ message }: CommanderError, place: string, root: Command): MillraceError {
  const [what = '', ...more] = message.replace(/^error: /, '').split('\n');
  const near = /\(Did you mean (?:one of )?(.*)\?\)/.exec(more.join(' '))?.[1];
  const hint =
    whyNot(what) ?? verbsWith(what, place, root) ?? near ?? `\`${place} --help\` lists the possible arguments`;
  return new MillraceError(
    [{ code: 'MR706', path: place, message: what === '(outputHelp)' ? 'no command is given' : what, hint }],
    2,
  );
}

/** Why an option cannot be used with `--env`. */
function whyNot(what: string): string | undefined {
  const [, option = ''] = /^option '(--[\w-]+).*' cannot be used with option '--env/.exec(what) ?? [];
  return notWithEnvironment[option];
}

/** The verbs that have an option that this verb lacks; undefined if no verb was called or none has it. */
function verbsWith(what: string, place: string, root: Command): string | undefined {
  const [, option] = /^unknown option '(--[\w-]+)/.exec(what) ?? [];
  const called = place.split(' ').slice(1);
  const verb = called.reduce<Command | undefined>(
    (at, name) => at?.commands.find((each) => each.name() === name),
    root,
  );
  if (option === undefined || verb === undefined || verb.commands.length > 0) return undefined;
  const names = namesWith(option, root);
  return names.length === 0 ? undefined : `leave it out; ${option} is an option of ${names.join(', ')}`;
}

/** A verb whose parts all have the option is named once. */
function namesWith(option: string, command: Command): string[] {
  return command.commands.flatMap((under) => {
    if (under.commands.length === 0) return under.options.some(({ long }) => long === option) ? [under.name()] : [];
    const names = namesWith(option, under);
    return names.length === under.commands.length ? [under.name()] : names.map((name) => `${under.name()} ${name}`);
  });
}

const columnsOf = (stream: Stream) => (stream.isTTY === true && stream.columns ? stream.columns : 80);
