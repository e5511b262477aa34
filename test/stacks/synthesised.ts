import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { environments } from '../../environments.ts';
import { functions } from '../../lambdas/functions.ts';
import type { LakeReader } from '../../lib/constructs/lake/lake-access.ts';
import type { Compute } from '../../lib/definition/compute.ts';
import { type Environment, environmentNamed } from '../../lib/environment/environment.ts';
import { projectFolder } from '../../lib/local/root.ts';
import { type Plan, planSchema } from '../../lib/plan/schema.ts';
import { environmentStacks, millraceApp } from '../../lib/stacks/environment-stacks.ts';

const golden = path.join(projectFolder, 'contracts', 'golden', 'churn.plan.json');
export const churn = planSchema.parse(JSON.parse(readFileSync(golden, 'utf8')));

/** The churn plan with other compute for its stages. */
export const churnOn = (build: Compute, predict: Compute): Plan => ({
  ...churn,
  stages: churn.stages.map((stage) => ({ ...stage, compute: stage.name === 'build' ? build : predict })),
});

/** A reader of two layers by Lake Formation. */
export const analysts: LakeReader = {
  roleArn: 'arn:aws:iam::123456789012:role/analysts',
  layers: ['gold', 'feature'],
};

const echo = fileURLToPath(new URL('./echo-handler.ts', import.meta.url));
export const entries = { bookmarks: echo, quality: echo, trigger: echo, respond: echo };

export interface Synthesised {
  app: App;
  stacks: Stack[];
  /** By the last part of the stack's name: `data`, `pipeline-churn`, `monitoring`. */
  templates: Record<string, Template>;
}

/** The templates of an environment, with functions that only echo. The whole-app test applies CDK's own rules. */
export function synthesised(
  name: string,
  change: Partial<Environment> = {},
  plan = churn,
  clusterMadeAgain = 0,
): Synthesised {
  process.env['CDK_VALIDATION'] = 'false';
  const environment = { ...environmentNamed(environments, name), ...change };
  const app = millraceApp(mkdtempSync(path.join(tmpdir(), 'millrace-synth-')));
  const given = { environment, plans: [plan], projectFolder, entries, functions, clusterMadeAgain };
  const stacks = environmentStacks(app, given);
  const templates = Object.fromEntries(
    stacks.map((stack) => [stack.stackName.slice(environment.prefix.length + 1), Template.fromStack(stack)]),
  );
  return { app, stacks, templates };
}

export interface Resource {
  Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: a template holds whatever CloudFormation has a field for.
  Properties: any;
  UpdateReplacePolicy?: string;
  DeletionPolicy?: string;
}

/** Logical id -> resource, of one type or of all. */
export function resources(template: Template, type?: string): Record<string, Resource> {
  const all = template.toJSON()['Resources'] as Record<string, Resource>;
  return Object.fromEntries(Object.entries(all).filter(([, resource]) => type === undefined || resource.Type === type));
}
