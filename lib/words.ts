/** `1 row`, `1,234 rows`, `2 copies` where `many` is given: the one way in which messages count. */
export function counted(n: number, what: string, many = `${what}s`): string {
  return `${n.toLocaleString('en-US')} ${n === 1 ? what : many}`;
}

/** How the program is called where nothing says otherwise: this runs in any clone, without an installation. */
export const usualCommand = 'npx millrace';

/** Options that a command needs so that it means the same again; `arguments_` is what follows the program's name. */
export type OptionsFor = (arguments_: string) => string;

const inTicks = /`millrace(?:(\s+)([^`]*))?`/g;
const onLine = /^(\s*(?:try|then watch)\s+)millrace ([a-z].*)$/gm;
const alone = /^()millrace ([a-z].*)$/;

/**
 * Commands in a message as the reader can paste them. Messages name the program `millrace`, in back ticks, after `try`, or as the
 * whole text; how it is called is known only where they are shown.
 */
export function pasteable(text: string, command = usualCommand, optionsFor: OptionsFor = () => ''): string {
  const called = (rest: string, gap = ' ') => `${command}${gap}${rest}${optionsFor(rest)}`;
  return text
    .replace(inTicks, (_, gap?: string, rest = '') => `\`${gap === undefined ? command : called(rest, gap)}\``)
    .replace(onLine, (_, before: string, rest: string) => `${before}${called(rest)}`)
    .replace(alone, (_, before: string, rest: string) => `${before}${called(rest)}`);
}
