import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fault } from '../aws/faults.ts';
import type { Environment } from '../environment/environment.ts';
import { canonicalJson } from '../plan/canonical-json.ts';
import { type Plan, planSchema } from '../plan/schema.ts';

/** A deployment, past or planned: everything that a comparison needs. */
export interface Deployment {
  environment: Environment;
  plans: Plan[];
  /** By stack name. */
  templates: Record<string, unknown>;
}

/** The folder, below `--root`, for the record of the last deployment, so that a comparison needs no account. */
export const lastDeploymentFolder = (root: string, environment: string) => path.join(root, 'deployed', environment);

export async function saveDeployment(root: string, { environment, plans, templates }: Deployment): Promise<void> {
  const folder = lastDeploymentFolder(root, environment.name);
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

/** The last deployment from this machine, if any. Throws MR700 for a folder that `saveDeployment` did not write. */
export async function lastDeployment(root: string, environment: string): Promise<Deployment | undefined> {
  const folder = lastDeploymentFolder(root, environment);
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
    const hint = 'delete the folder, or compare with the account (without --local)';
    throw fault('MR700', folder, 'the record of the last deployment cannot be read', hint);
  }
}

export const deleteDeployment = (root: string, environment: string) =>
  rm(lastDeploymentFolder(root, environment), { recursive: true, force: true });

async function documents(folder: string): Promise<Record<string, unknown>> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort();
  const texts = await Promise.all(names.map((name) => readFile(path.join(folder, name), 'utf8')));
  return Object.fromEntries(names.map((name, i) => [name.slice(0, -'.json'.length), JSON.parse(texts[i]!) as unknown]));
}
