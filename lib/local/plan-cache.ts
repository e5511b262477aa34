import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { issueSchema } from '../documents/run-document.ts';
import { readCache } from '../lake/documents.ts';
import { layout } from '../lake/layout.ts';
import { sha256 } from '../plan/canonical-json.ts';
import type { Compiled } from '../plan/compile.ts';
import { type Plan, planSchema } from '../plan/schema.ts';
import { localObjects } from './objects.ts';
import { projectFolder } from './root.ts';

const keptPlan = z.strictObject({ plan: planSchema.optional(), issues: z.array(issueSchema) });

const cache = localObjects(path.join(projectFolder, 'node_modules', '.cache', 'millrace'));

/**
 * Caches the result of `compile` by its input and the compiler's sources. The compiler is pure, so this is safe; loading the SQL parser
 * alone takes longer than the rest of a run without work.
 */
export async function cachedCompile(input: unknown, compile: () => Promise<Compiled>): Promise<Compiled> {
  const key = `plan-${sha256([input, await compilerSources()]).slice(0, 32)}.json`;
  const known = await readCache(cache, key, (json) => keptPlan.parse(json) as Compiled);
  if (known !== undefined) return known;
  const compiled = await compile();
  // A cache that cannot be written only costs time.
  await cache.write(key, JSON.stringify(compiled)).catch(() => undefined);
  return compiled;
}

async function compilerSources(): Promise<string[]> {
  const folders = ['definition', 'learning', 'plan'].map((name) => path.join(projectFolder, 'lib', name));
  const files = await Promise.all(
    folders.map(async (name) => (await readdir(name, { recursive: true })).sort().map((file) => path.join(name, file))),
  );
  return Promise.all(
    files
      .flat()
      .filter((file) => file.endsWith('.ts'))
      .map((file) => readFile(file, 'utf8')),
  );
}

/** The key of an object that marks that the engine has accepted the SQL of exactly this plan. */
export const checkedMark = (plan: Plan) => `${layout.cache()}checked-${sha256(plan).slice(0, 16)}`;
