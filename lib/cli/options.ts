import { Command, InvalidArgumentError, Option } from 'commander';
import type { Engine } from '../local/python.ts';

/** A verb with the options that all verbs take. */
export function verb(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .option('--json', 'one JSON document on stdout, everything else on stderr')
    .option('--root <dir>', 'where the local lake lives', '.millrace');
}

export const engineOption = () =>
  new Option('--engine <engine>', 'what computes').choices(['sail', 'spark']).default('sail' satisfies Engine);

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
  if (!Number.isSafeInteger(value) || value < 0) throw new InvalidArgumentError('a whole number, 0 or more');
  return value;
}

export const forceOption = () =>
  new Option('--force <task...>', 'do these tasks in any case, in full: names, or kinds such as train');

const deployedIn = 'the deployed pipeline of that environment, instead of this machine';

export const environmentOption = () => new Option('--env <name>', deployedIn);

export const requiredEnvironmentOption = () =>
  new Option('--env <name>', 'an environment of environments.ts').makeOptionMandatory();
