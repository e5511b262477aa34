// What synth and cfn-lint have in common: the templates of an environment in a temporary folder, and one way to end with issues.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { load } from './environment.mjs';

/** Synthesises an environment and hands `act` what came of it; the folder is gone afterwards. Seconds are those of the synthesis alone. */
export async function synthesised(name, { validated }, act) {
  const { environments } = await load('environments.ts');
  const { environmentNamed } = await load('lib/environment/environment.ts');
  const { environmentStacks, millraceApp } = await load('lib/stacks/environment-stacks.ts');
  const { loadPlan } = await load('lib/local/load.ts');
  const { projectFolder } = await load('lib/local/root.ts');
  const folder = mkdtempSync(path.join(tmpdir(), `millrace-${name}-`));
  if (validated) delete process.env.CDK_VALIDATION;
  else process.env.CDK_VALIDATION = 'false';
  try {
    const started = performance.now();
    const environment = environmentNamed(environments, name);
    const plans = await Promise.all(environment.pipelines.map((pipeline) => loadPlan(pipeline)));
    const app = millraceApp(folder);
    environmentStacks(app, { environment, plans, projectFolder });
    const { stacks } = app.synth();
    const templates = stacks.map((stack) => path.join(folder, stack.templateFile));
    const seconds = (performance.now() - started) / 1000;
    return await act({ environment, stacks, templates, seconds, projectFolder });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Does it, and tells its faults as issues. */
export async function ended(act) {
  try {
    await act();
  } catch (error) {
    if (error.name !== 'MillraceError') throw error;
    const { renderIssues } = await load('lib/cli/issues.ts');
    console.error(renderIssues(error.issues));
    process.exitCode = error.exitCode;
  }
}
