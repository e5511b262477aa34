import { readFileSync } from 'node:fs';

/**
 * `name==version` of each package, as a pip lock file pins it, so that what runs in the account is what was tried on the laptop.
 * Throws where a name is not pinned.
 */
export function lockedVersions(lockFile: string, names: readonly string[]): string[] {
  const lines = readFileSync(lockFile, 'utf8').split('\n');
  return names.map((name) => {
    const line = lines.find((text) => text.startsWith(`${name}==`));
    if (line === undefined) throw new Error(`${lockFile} pins no ${name}`);
    return line.split(/[\s;\\]/)[0]!;
  });
}
