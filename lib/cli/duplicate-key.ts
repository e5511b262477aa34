/** Whole strings, so that braces and colons inside them are ignored; with a colon behind it, a string is a key. */
const token = /[{}]|("[^"\\]*(?:\\.[^"\\]*)*")(\s*:)?/g;

/** The first key that an object in a valid JSON text has twice. `JSON.parse` would keep its last value without notice. */
export function duplicateKey(text: string): string | undefined {
  const open: Set<string>[] = [];
  for (const [mark, quoted, colon] of text.matchAll(token)) {
    if (mark === '{') open.push(new Set());
    else if (mark === '}') open.pop();
    else if (colon !== undefined) {
      const key = JSON.parse(quoted!) as string;
      const keys = open.at(-1)!;
      if (keys.has(key)) return key;
      keys.add(key);
    }
  }
  return undefined;
}
