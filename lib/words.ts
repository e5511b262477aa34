/** `1 row`, `1,234 rows`, or `2 copies` with `many`. All messages count with this function. */
export function counted(n: number, what: string, many = `${what}s`): string {
  return `${n.toLocaleString('en-US')} ${n === 1 ? what : many}`;
}

/** The default way to call the program: it works in any clone, without an installation. */
export const usualCommand = 'npx millrace';

/** Options to add to a command so that it uses the same folders again; `arguments_` is the text after the program's name. */
export type OptionsFor = (arguments_: string) => string;

const inTicks = /`millrace(?:(\s+)([^`]*))?`/g;
const onLine = /^(\s*(?:try|then watch)\s+)millrace ([a-z].*)$/gm;
const alone = /^()millrace ([a-z].*)$/;

/**
 * Rewrites the commands in a message so that the reader can paste them. Messages write the program as `millrace`, in back ticks,
 * after `try`, or as the whole text; only the terminal knows how the program was called.
 */
export function pasteable(text: string, command = usualCommand, optionsFor: OptionsFor = () => ''): string {
  const called = (rest: string, gap = ' ') => `${command}${gap}${rest}${optionsFor(rest)}`;
  return text
    .replace(inTicks, (_, gap?: string, rest = '') => `\`${gap === undefined ? command : called(rest, gap)}\``)
    .replace(onLine, (_, before: string, rest: string) => `${before}${called(rest)}`)
    .replace(alone, (_, before: string, rest: string) => `${before}${called(rest)}`);
}

/** Paths quoted for a shell, so that a command can be pasted. */
export const shellWords = (paths: readonly string[]) =>
  paths.map((path) => (/^[\w./=-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`)).join(' ');
