/** Parses the page strictly. Anything that is neither a well-formed tag nor plain text is returned in `rest`; `<wbr>` is dropped. */
export interface Tag {
  name: string;
  attributes: ReadonlyMap<string, string>;
  /** Written as `<path/>`. */
  closed: boolean;
}

const tagPattern = /<(\/?[a-z][a-z0-9]*|!doctype)((?:\s+[a-zA-Z-]+(?:="[^"<>]*")?)*)\s*(\/?)>/g;

export function readPage(page: string): { tags: Tag[]; rest: string } {
  const body = page.replace(/<style>[^<]*<\/style>/, '');
  const tags = [...body.matchAll(tagPattern)].map(([, name, attributes = '', slash]) => ({
    name: name!,
    closed: slash === '/',
    attributes: new Map(
      [...attributes.matchAll(/([a-zA-Z-]+)(?:="([^"]*)")?/g)].map(([, key, value]) => [key!, value ?? '']),
    ),
  }));
  return { tags, rest: body.replaceAll('<wbr>', '').replace(tagPattern, ' ') };
}

const empty = new Set(['!doctype', 'meta', 'br', 'wbr']);

/** Elements that are opened but not closed, or closed but not opened. */
export function unbalanced(tags: readonly Tag[]): string[] {
  const open: string[] = [];
  const wrong: string[] = [];
  for (const { name, closed } of tags) {
    if (closed || empty.has(name)) continue;
    if (!name.startsWith('/')) open.push(name);
    else if (open.pop() !== name.slice(1)) wrong.push(name);
  }
  return [...wrong, ...open];
}
