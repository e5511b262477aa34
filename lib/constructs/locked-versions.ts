import { readFileSync } from 'node:fs';

/**
 * `name==version` of each package, from a pip lock file, so that AWS runs the same versions as the laptop. Throws if a name is not
 * pinned.
 */
export function lockedVersions(lockFile: string, names: readonly string[]): string[] {
  const lines = readFileSync(lockFile, 'utf8').split('\n');
  return names.map((name) => {
    const line = lines.find((text) => text.startsWith(`${name}==`));
    if (line === undefined) throw new Error(`${lockFile} does not pin ${name}`);
    return line.split(/[\s;\\]/)[0]!;
  });
}

/** The packages that a pip lock file pins: name -> version. */
export const pinnedPackages = (lockFile: string): Map<string, string> =>
  new Map(
    [...readFileSync(lockFile, 'utf8').matchAll(/^([\w.-]+)==(\S+)$/gm)].map(([, name, version]) => [name!, version!]),
  );
