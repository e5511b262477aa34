import path from 'node:path';
import { type OptionsFor, pasteable, shellWords, usualCommand } from '../words.ts';
import type { Stream, Terminal } from './terminal.ts';

/** How this process was started. `script` is an absolute path. */
export interface Started {
  script: string;
  env: Readonly<Record<string, string | undefined>>;
  cwd: string;
}

/** How to call the program from the current folder: `npx millrace`, `millrace` or `node ../bin/millrace.mjs`. */
export function calledAs({ script, env, cwd }: Started): string {
  const agent = env['npm_config_user_agent'] ?? '';
  if (agent.startsWith('pnpm/')) return 'pnpm exec millrace';
  if (agent.startsWith('yarn/')) return 'yarn millrace';
  if (agent !== '') return usualCommand;
  const { base, dir } = path.parse(script);
  if (base === 'millrace') {
    const onPath = (env['PATH'] ?? '').split(path.delimiter).includes(dir);
    return onPath ? 'millrace' : usualCommand;
  }
  return base === 'millrace.mjs' ? `node ${shellWords([path.relative(cwd, script)])}` : usualCommand;
}

const takesData = /^(run|plan|bookmarks)\b/;

/** The `--root` and `--data` options to add to a command, so that it uses the same folders. Commands with `--env` take neither. */
export function optionsGiven(argv: readonly string[]): OptionsFor {
  const [root, data] = ['--root', '--data'].map((name) => optionIn(argv, name));
  const added = (rest: string, name: string, value: string | undefined) =>
    value === undefined || new RegExp(`${name}[ =]`).test(rest) ? '' : ` ${name} ${shellWords([value])}`;
  return (rest) => {
    if (/ --(env|help)\b/.test(rest)) return '';
    return `${takesData.test(rest) ? added(rest, '--data', data) : ''}${added(rest, '--root', root)}`;
  };
}

function optionIn(argv: readonly string[], name: string): string | undefined {
  const at = argv.lastIndexOf(name);
  const joined = argv.findLast((argument) => argument.startsWith(`${name}=`));
  return joined?.slice(name.length + 1) ?? (at < 0 ? undefined : argv[at + 1]);
}

/** A terminal that prints every command in a message so that it can be pasted. Documents of `--json` are unchanged, because programs read them. */
export function withCommands(terminal: Terminal, argv: readonly string[], started: Started): Terminal {
  const command = calledAs(started);
  const optionsFor = optionsGiven(argv);
  const shown = (stream: Stream): Stream => ({
    write: (text) => stream.write(pasteable(text, command, optionsFor)),
    ...(stream.isTTY !== undefined && { isTTY: stream.isTTY }),
    ...(stream.columns !== undefined && { columns: stream.columns }),
  });
  const { out, err } = terminal;
  return { ...terminal, out: argv.includes('--json') ? out : shown(out), err: shown(err) };
}
