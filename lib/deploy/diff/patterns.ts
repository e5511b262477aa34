/** Patterns as IAM has them: `*` is any text, `?` any one character. */

/** Whether every text that `narrow` matches is matched by `wide`. May say no where it is so, never yes where it is not. */
export function covers(wide: string, narrow: string): boolean {
  // Row i, column j: whether the rest of `wide` from i covers the rest of `narrow` from j.
  let below: boolean[] = [];
  for (let i = wide.length; i >= 0; i--) {
    const row: boolean[] = new Array<boolean>(narrow.length + 1).fill(false);
    for (let j = narrow.length; j >= 0; j--) {
      if (i === wide.length) row[j] = j === narrow.length;
      else if (wide[i] === '*') row[j] = below[j]! || (j < narrow.length && row[j + 1]!);
      else if (j < narrow.length && narrow[j] !== '*' && (wide[i] === narrow[j] || wide[i] === '?'))
        row[j] = below[j + 1]!;
    }
    below = row;
  }
  return below[0]!;
}

/** Whether a text is one that the pattern means. */
export const matches = (pattern: string, text: string): boolean =>
  new RegExp(
    `^${pattern
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '[\\s\\S]*')
      .replaceAll('?', '[\\s\\S]')}$`,
  ).test(text);
