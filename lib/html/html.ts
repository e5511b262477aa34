/** Markup as a value. Only the `html` tag creates it, so text from data is never taken for markup: JSON has no symbols. */
const markup = Symbol('markup');

export interface Html {
  readonly [markup]: string;
}

export type Hole = Html | string | number | false | undefined | readonly Hole[];

/** Escapes the inserted texts, which are then safe between tags and inside quoted attributes. `false` and `undefined` insert nothing. */
export function html(texts: TemplateStringsArray, ...holes: readonly Hole[]): Html {
  return { [markup]: texts.map((text, i) => text + (i < holes.length ? rendered(holes[i]) : '')).join('') };
}

/** Joins fragments with `between`. */
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

// Control characters, lone surrogates and marks that change the direction of text: with these, a file name could look like
// another one.
const unprintable = /[\p{Cc}\p{Cs}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

function escaped(text: string): string {
  return text
    .replace(unprintable, (c) => (c === '\n' || c === '\t' ? c : '\ufffd'))
    .replace(/[&<>"'`]/g, (c) => entities[c]!);
}
