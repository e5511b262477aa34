import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import { type Issue, MillraceError } from '../errors.ts';
import { renderWarnings } from './issues.ts';
import { oneOrMore } from './options.ts';
import { synthesised } from './synthesis.ts';
import { environmentOf, printJson, type Terminal } from './terminal.ts';

interface Options {
  env?: string[];
  limit?: number;
  json?: boolean;
}

export const synthCommand = (terminal: Terminal) =>
  new Command('synth')
    .description("synthesise environments twice: once for the time, once with all of CDK's rules as errors")
    .option('--env <name...>', 'environments of environments.ts; by default all')
    .option(
      '--limit <seconds>',
      `fail if one environment takes longer; without it, more than ${usualLimit} is a warning`,
      oneOrMore,
    )
    .option('--json', 'one JSON document on stdout, everything else on stderr')
    .action(async (options: Options) => {
      const made = [];
      for (const name of options.env ?? Object.keys(terminal.environments ?? {})) {
        const one = await timed(terminal, name);
        made.push(one);
        if (!options.json) terminal.out.write(line(one));
      }
      const slow = made.flatMap((one) => tooSlow(one, options.limit));
      if (options.limit !== undefined && slow.length > 0) throw new MillraceError(slow);
      if (options.json) printJson(terminal, { environments: made, warnings: slow });
      terminal.err.write(renderWarnings(slow));
    });

interface Timed {
  environment: string;
  stacks: { name: string; resources: number }[];
  /** Without CDK's rules. */
  seconds: number;
  /** With CDK's rules as errors. */
  validatedSeconds: number;
}

/** Seconds within which an environment is synthesised on an idle laptop. */
const usualLimit = 15;

/** MR621 for a synthesis that took longer than the limit. */
function tooSlow({ environment, seconds }: Timed, limit: number | undefined): Issue[] {
  const most = limit ?? usualLimit;
  if (seconds < most) return [];
  const message = `the synthesis of ${environment} took ${seconds.toFixed(1)} s; the limit is ${most} s`;
  const hint =
    limit === undefined
      ? 'run it on an idle machine; only with `--limit` is this an error'
      : 'run it on an idle machine, or raise the limit with `--limit 60`';
  return [{ code: 'MR621', path: environment, message, hint }];
}

async function timed(terminal: Terminal, name: string): Promise<Timed> {
  const environment = environmentOf(terminal, name);
  const plain = await synthesised(
    environment,
    terminal.functions ?? [],
    false,
    async ({ stacks, templates, seconds }) => ({
      seconds,
      stacks: await Promise.all(
        stacks.map(async (stack, i) => {
          const { Resources = {} } = JSON.parse(await readFile(templates[i]!, 'utf8')) as { Resources?: object };
          return { name: stack, resources: Object.keys(Resources).length };
        }),
      ),
    }),
  );
  const validatedSeconds = await synthesised(environment, terminal.functions ?? [], true, ({ seconds }) => seconds);
  return { environment: name, ...plain, validatedSeconds };
}

function line({ environment, stacks, seconds, validatedSeconds }: Timed): string {
  const resources = stacks.reduce((sum, stack) => sum + stack.resources, 0);
  const parts = stacks.map((stack) => `${stack.name} ${stack.resources}`).join(', ');
  const times = `${seconds.toFixed(1)} s; with CDK's rules ${validatedSeconds.toFixed(1)} s, none broken`;
  return `${environment.padEnd(8)} ${stacks.length} stacks, ${resources} resources (${parts}), ${times}\n`;
}
