import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Environment } from '../environment/environment.ts';
import type { PipelineFunction } from '../functions/pipeline-function.ts';
import { loadPlan } from '../local/load.ts';
import { projectFolder } from '../local/root.ts';
import type { Plan } from '../plan/schema.ts';

/** Synthesises the templates of an environment into a folder; returns its stacks in deployment order. */
async function synthesise(
  environment: Environment,
  plans: readonly Plan[],
  functions: readonly PipelineFunction[],
  folder: string,
  clusterMadeAgain = 0,
) {
  const { environmentStacks, millraceApp } = await import('../stacks/environment-stacks.ts');
  const { cdkContext } = await import('../environment/bootstrap.ts');
  const app = millraceApp(folder, cdkContext(projectFolder));
  environmentStacks(app, { environment, plans, projectFolder, functions, clusterMadeAgain });
  return app.synth().stacks;
}

export interface Synthesis {
  stacks: string[];
  /** Files, in the order of the stacks; deleted when the action ends. */
  templates: string[];
  /** Duration of the synthesis alone. */
  seconds: number;
}

/** Synthesises an environment into a temporary folder and passes it to an action. With `validated`, CDK's own rules are errors. */
export async function synthesised<T>(
  environment: Environment,
  functions: readonly PipelineFunction[],
  validated: boolean,
  action: (made: Synthesis) => T | Promise<T>,
): Promise<T> {
  // Loaded before the clock starts, because CDK is large.
  await import('../stacks/environment-stacks.ts');
  const folder = await mkdtemp(path.join(tmpdir(), `millrace-${environment.name}-`));
  if (validated) delete process.env['CDK_VALIDATION'];
  else process.env['CDK_VALIDATION'] = 'false';
  try {
    const started = performance.now();
    const plans = await Promise.all(environment.pipelines.map(loadPlan));
    const stacks = await synthesise(environment, plans, functions, folder);
    return await action({
      stacks: stacks.map((stack) => stack.stackName),
      templates: stacks.map((stack) => path.join(folder, stack.templateFile)),
      seconds: (performance.now() - started) / 1000,
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The templates of an environment by stack. Skips CDK's own rules to save time; the deploy applies them. */
export async function templatesOf(
  environment: Environment,
  plans: readonly Plan[],
  functions: readonly PipelineFunction[],
  output: string,
  clusterMadeAgain = 0,
): Promise<Record<string, unknown>> {
  const { templatesIn } = await import('../deploy/cdk.ts');
  process.env['CDK_VALIDATION'] ??= 'false';
  const stacks = await synthesise(environment, plans, functions, output, clusterMadeAgain);
  const names = stacks.map((stack) => stack.stackName);
  const templates = await templatesIn(output);
  return Object.fromEntries(Object.entries(templates).filter(([name]) => names.includes(name)));
}
