/** Markup as a value. Only the `html` tag makes it, so text from data can't pass for markup: JSON has no symbols. */
const markup = Symbol('markup');

export interface Html {
  readonly [markup]: string;
}

export type Hole = Html | string | number | false | undefined | readonly Hole[];

/** Text in holes is escaped, so that it is safe between tags and inside quoted attributes; `false` and `undefined` leave nothing. */
export function html(texts: TemplateStringsArray, ...holes: readonly Hole[]): Html {
  return { [markup]: texts.map((text, i) => text + (i < holes.length ? rendered(holes[i]) : '')).join('') };
}

/** Fragments with `between` in the gaps. */
export function joined(fragments: readonly Hole[], between: Hole): Hole[] {
  return fragments.flatMap((fragment, i) => (i === 0 ? [fragment] : [between, fragment]));
}

export function textOf(fragment: Html): string {
  return fragment[markup];
}

function rendered(hole: Hole): string {
  if (hole === undefined || hole === false) return '';
  if (typeof hole === 'number') return String(hole);
  if (typeof hole === 'string') return escaped(hole);
  if (markup in hole) return hole[markup];
  return hole.map(rendered).join('');
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};

// Control characters, halves of surrogate pairs, and the marks that turn the direction of the text after them: a file name
// could use these to be read as another.
const unprintable = /[\p{Cc}\p{Cs}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

function escaped(text: string): string {
  return text
    .replace(unprintable, (c) => (c === '\n' || c === '\t' ? c : '\ufffd'))
    .replace(/[&<>"'`]/g, (c) => entities[c]!);
}
