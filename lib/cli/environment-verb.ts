import path from 'node:path';
import { Command } from 'commander';
import type { Environment } from '../environment/environment.ts';
import { MillraceError } from '../errors.ts';
import { type CommonOptions, environmentOf, printJson, type Terminal } from './terminal.ts';

/** The environment that `deploy`, `diff` or `destroy` works on, and how to answer. */
export interface EnvironmentAction {
  environment: Environment;
  /** Absolute. */
  root: string;
  /** Where CDK puts the environment's templates. */
  output: string;
  /** Prints the document with `--json`, otherwise the text; both on stdout. */
  answer(document: unknown, text: string): void;
}

export interface EnvironmentOptions extends CommonOptions {
  env?: string;
}

/** A verb for all stacks of one environment. */
export const environmentVerb = (name: string, description: string): Command =>
  new Command(name)
    .description(description)
    .option('--env <name>', 'an environment of environments.ts')
    .option('--json', 'one JSON document on stdout, everything else on stderr')
    .option('--root <dir>', 'where templates and the record of the last deployment are stored', '.millrace');

/** Runs the action for the environment of `--env`. Throws MR706 without one, MR600 for an unknown one, MR690 to MR693 for AWS errors. */
export async function forEnvironment(
  options: EnvironmentOptions,
  terminal: Terminal,
  action: (given: EnvironmentAction) => Promise<void>,
): Promise<void> {
  if (options.env === undefined) {
    const hint = `add one: --env ${Object.keys(terminal.environments ?? {}).join(', --env ')}`;
    throw new MillraceError([{ code: 'MR706', path: '--env', message: 'no environment is given', hint }], 2);
  }
  // Otherwise the SDK prints a warning about Node 20 between our lines.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
  const environment = environmentOf(terminal, options.env);
  const root = path.resolve(options.root);
  const { onAws } = await import('../aws/faults.ts');
  const answer = (document: unknown, text: string) => {
    if (options.json) printJson(terminal, document);
    else terminal.out.write(text);
  };
  await onAws(environment.name, () =>
    action({ environment, root, output: path.join(root, 'cdk.out', environment.name), answer }),
  );
}
