import { type Html, html, joined } from './html.ts';

/** The longest sequence of letters that is kept on one line. */
const longest = 24;

const ends = /(?<=[^_./=:,-][_./=:,-]+)(?![_./=:,-]|$)|(?<=[a-z\d])(?=[A-Z])/;
const pieces = new RegExp(`.{1,${longest}}`, 'gsu');

/** A name that can break across lines: after a separator, and inside a word only if the word is longer than a line on a phone. */
export function named(name: string): Html {
  const words = name.split(ends).flatMap((word) => word.match(pieces) ?? []);
  return html`${joined(words, html`<wbr>`)}`;
}

/** A sentence. A word that is longer than a line on a phone is treated as a name or a path. */
export function sentence(text: string): Html {
  const words = text.split(/(?<=\s)/u);
  return html`${words.map((word) => (word.length > longest ? named(word) : word))}`;
}

/** A name, a path or a line of SQL, in a code font. */
export const code = (text: string): Html => html`<code>${named(text)}</code>`;
