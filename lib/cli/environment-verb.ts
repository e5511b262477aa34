import path from 'node:path';
import { Command } from 'commander';
import type { Environment } from '../environment/environment.ts';
import { MillraceError } from '../errors.ts';
import { type CommonOptions, environmentOf, printJson, type Terminal } from './terminal.ts';

/** An environment that a verb of deploying works on, and how it answers. */
export interface Asked {
  environment: Environment;
  /** Absolute. */
  root: string;
  /** Where CDK puts the environment's templates. */
  output: string;
  /** The document with `--json`, else the text; both on stdout. */
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
    .option('--root <dir>', 'where templates and the last deployment are kept', '.millrace');

/** Does it for the environment that `--env` names. Throws MR706 for none, MR600 for an unknown one, MR690 and more for what AWS answers. */
export async function forEnvironment(
  options: EnvironmentOptions,
  terminal: Terminal,
  action: (asked: Asked) => Promise<void>,
): Promise<void> {
  if (options.env === undefined) {
    const hint = `name one: --env ${Object.keys(terminal.environments ?? {}).join(', --env ')}`;
    throw new MillraceError([{ code: 'MR706', path: '--env', message: 'no environment is named', hint }], 2);
  }
  // The SDK would warn of Node 20 in the middle of our text.
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
