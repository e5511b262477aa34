/** `States.Judge`, or `States["Judge it"]` where the name is not a plain word. */
export function join(path: string, key: string): string {
  if (!/^[A-Za-z_]\w*$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === '' ? key : `${path}.${key}`;
}

/** Visits a list; anything else is no list and was reported as such. */
export function each(value: unknown, visit: (entry: unknown, index: number) => void): void {
  if (Array.isArray(value)) value.forEach(visit);
}
