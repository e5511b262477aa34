import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fault } from '../aws/faults.ts';
import type { Environment } from '../environment/environment.ts';
import { canonicalJson } from '../plan/canonical-json.ts';
import { type Plan, planSchema } from '../plan/schema.ts';

/** What was deployed, or is to be: all that a comparison needs. */
export interface Deployment {
  environment: Environment;
  plans: Plan[];
  /** By the stack's name. */
  templates: Record<string, unknown>;
}

/** Below `--root`: what was last deployed from this folder, so that a comparison needs no account. */
export const keptFolder = (root: string, environment: string) => path.join(root, 'deployed', environment);

export async function keep(root: string, { environment, plans, templates }: Deployment): Promise<void> {
  const folder = keptFolder(root, environment.name);
  const beside = `${folder}.new`;
  await rm(beside, { recursive: true, force: true });
  const files: [string, unknown][] = [
    ['environment.json', environment],
    ...plans.map((plan): [string, unknown] => [`plans/${plan.pipeline}.json`, plan]),
    ...Object.entries(templates).map(([stack, template]): [string, unknown] => [`templates/${stack}.json`, template]),
  ];
  for (const [name, document] of files) {
    await mkdir(path.dirname(path.join(beside, name)), { recursive: true });
    await writeFile(path.join(beside, name), canonicalJson(document, 1));
  }
  await rm(folder, { recursive: true, force: true });
  await rename(beside, folder);
}

/** What was last deployed from here, undefined where nothing was. Throws MR700 for a folder that is not what `keep` wrote. */
export async function kept(root: string, environment: string): Promise<Deployment | undefined> {
  const folder = keptFolder(root, environment);
  const text = await readFile(path.join(folder, 'environment.json'), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    const plans = await documents(path.join(folder, 'plans'));
    return {
      environment: JSON.parse(text) as Environment,
      plans: Object.values(plans).map((plan) => planSchema.parse(plan)),
      templates: await documents(path.join(folder, 'templates')),
    };
  } catch {
    const hint = 'delete the folder, or compare with the account: leave --local out';
    throw fault('MR700', folder, 'what was kept of the last deploy cannot be read', hint);
  }
}

export const forget = (root: string, environment: string) =>
  rm(keptFolder(root, environment), { recursive: true, force: true });

async function documents(folder: string): Promise<Record<string, unknown>> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort();
  const texts = await Promise.all(names.map((name) => readFile(path.join(folder, name), 'utf8')));
  return Object.fromEntries(names.map((name, i) => [name.slice(0, -'.json'.length), JSON.parse(texts[i]!) as unknown]));
}
