import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { projectFolder } from '../../lib/local/root.ts';

/** Packages that take longer to load than all else that a command loads. Each is imported by the command that needs it, when it does. */
const large = /^(@aws-sdk\/|@aws-cdk\/|aws-cdk-lib|@polyglot-sql\/)/;

/** What a file imports for more than its types, before any of its functions is called. */
const importsOf = (text: string) =>
  [...text.matchAll(/^(?:import|export) (?!type )[^;]*?from '([^']+)'|^import '([^']+)'/gm)]
    .filter(([whole]) => !/^(?:import|export) \{( type \w+,?)+ \}/.test(whole))
    .map(([, from, alone]) => (from ?? alone)!);

/** Packages that the files which every command loads import, each with the chain of files that leads to it. */
async function packagesFrom(entry: string): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>();
  const seen = new Set<string>();
  const visit = async (file: string, chain: string[]): Promise<void> => {
    if (seen.has(file)) return;
    seen.add(file);
    const text = await readFile(path.join(projectFolder, file), 'utf8');
    for (const target of importsOf(text)) {
      const here = [...chain, file];
      if (target.startsWith('.')) await visit(path.join(path.dirname(file), target), here);
      else if (!found.has(target)) found.set(target, here);
    }
  };
  await visit(entry, []);
  return found;
}

test('a command loads no large package before it needs one', async () => {
  const packages = await packagesFrom('bin/millrace.ts');
  // It looks at what commands load.
  expect([...packages.keys()]).toEqual(expect.arrayContaining(['commander', 'zod', 'node:path']));
  const loaded = [...packages].filter(([name]) => large.test(name));
  expect(loaded.map(([name, chain]) => [name, ...chain].join(' <- '))).toEqual([]);
});
