import path from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { usableRoot } from '../local/folders.ts';
import type { Engine } from '../local/python.ts';
import { defaultRoot } from '../local/root.ts';

/** Describes the `<pipeline>` argument. */
export const aPipeline = 'a folder in pipelines/, or a path';

/** A verb with the options that all verbs take. With `writes`, the root must be writable. */
export function verb(name: string, description: string, { writes = false } = {}): Command {
  return new Command(name)
    .description(description)
    .option('--json', 'one JSON document on stdout, everything else on stderr')
    .addOption(
      new Option('--root <dir>', 'folder of the local lake')
        .argParser(notEmpty)
        .default(defaultRoot(), '.millrace in the project'),
    )
    .hook('preAction', async (_, command) => {
      const { root, env } = command.opts<{ root: string; env?: string }>();
      if (env !== undefined) return;
      // In a subfolder of the project it is not obvious where the lake is.
      if (command.getOptionValueSource('root') === 'default' && root !== '.millrace') {
        command.configureOutput().writeErr?.(`root ${root}\n`);
      }
      await usableRoot(path.resolve(root), writes);
    });
}

function notEmpty(text: string): string {
  // An option whose folder was forgotten takes the next option for it.
  if (text === '' || text.startsWith('--')) throw new InvalidArgumentError('give the name of a folder');
  return text;
}

export const engineOption = () =>
  new Option('--engine <engine>', 'engine that computes').choices(['sail', 'spark']).default('sail' satisfies Engine);

export const parameterOption = () =>
  new Option('--param <name=value>', 'set a parameter of the pipeline; may be repeated')
    .argParser((text: string, before: Record<string, string> = {}) => {
      const at = text.indexOf('=');
      if (at < 1) throw new InvalidArgumentError('write it as name=value');
      return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
    })
    .default({}, 'the defaults of the pipeline');

export function wholeNumber(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) throw new InvalidArgumentError('a whole number, 0 or more');
  return value;
}

/** A count of at least one. */
export function oneOrMore(text: string): number {
  const value = wholeNumber(text);
  if (value < 1) throw new InvalidArgumentError('a whole number, 1 or more');
  return value;
}

export const dropMissingOption = () =>
  new Option('--drop-missing', 'drop the rows of deleted files when their table is read again in full');

export const forceOption = () =>
  new Option('--force <task...>', 'run these tasks in any case and in full: names, or kinds such as train');

/** Options that `--env` excludes, and why. */
export const notWithEnvironment: Readonly<Record<string, string>> = {
  '--data': 'a deployed pipeline reads its bucket: leave out --data',
  '--engine': 'a deployed pipeline has the engine of its environment: leave out --engine',
};

const deployedIn = 'work on the deployed pipeline of this environment, not on this machine';

export const environmentOption = () => new Option('--env <name>', deployedIn);

export const requiredEnvironmentOption = () =>
  new Option('--env <name>', 'an environment of environments.ts').makeOptionMandatory();
