/** `1 row`, `1,234 rows`, `2 lost copies` where `many` is given: the one way in which messages count. */
export function counted(n: number, what: string, many = `${what}s`): string {
  return `${n.toLocaleString('en-US', { maximumFractionDigits: 0 })} ${n === 1 ? what : many}`;
}

/** What a command in a message is called by where nothing says otherwise: so it runs in any clone, without an installation. */
export const usualCommand = 'npx millrace';

const inTicks = /`millrace( [^`]*)?`/g;
const alone = /^((?:\s*(?:try|then watch)\s+)?)millrace (?=[a-z])/gm;

/**
 * Commands in a message as the reader can paste them. Messages name the program `millrace`, in back ticks or as the whole line; how it is
 * called is known only where they are shown. `options` are added to each command that has arguments.
 */
export function pasteable(text: string, command = usualCommand, options = ''): string {
  return text
    .replace(inTicks, (_, rest: string = '') => `\`${command}${rest}${rest === '' ? '' : options}\``)
    .replace(alone, `$1${command.replaceAll('$', '$$$$')} `);
}
