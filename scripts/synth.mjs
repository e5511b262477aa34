// Synthesises the stacks of each environment, with CDK's own checks, and says what is in them: `node scripts/synth.mjs [--env NAME]`.
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { createJiti } from 'jiti';

const { values } = parseArgs({
  options: { env: { type: 'string', multiple: true, default: ['dev', 'staging', 'prod'] } },
});
const jiti = createJiti(import.meta.url);
const [{ environments }, { environmentNamed }, { environmentStacks, millraceApp }, { loadPlan }, { projectFolder }] =
  await Promise.all(
    [
      '../environments.ts',
      '../lib/stacks/environment.ts',
      '../lib/stacks/environment-stacks.ts',
      '../lib/local/load.ts',
      '../lib/local/root.ts',
    ].map((file) => jiti.import(file)),
  );
const { renderIssues } = await jiti.import('../lib/cli/issues.ts');

try {
  for (const name of values.env) {
    const started = performance.now();
    const environment = environmentNamed(environments, name);
    const plans = await Promise.all(environment.pipelines.map((pipeline) => loadPlan(pipeline)));
    const app = millraceApp(mkdtempSync(path.join(tmpdir(), `millrace-${name}-`)));
    environmentStacks(app, { environment, plans, projectFolder });
    const { stacks, directory } = app.synth();
    const sizes = stacks.map((stack) => {
      const template = JSON.parse(readFileSync(path.join(directory, stack.templateFile), 'utf8'));
      return { name: stack.stackName, resources: Object.keys(template.Resources).length };
    });
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    const resources = sizes.reduce((sum, size) => sum + size.resources, 0);
    const parts = sizes.map((size) => `${size.name} ${size.resources}`).join(', ');
    console.log(`${name.padEnd(8)} ${stacks.length} stacks, ${resources} resources (${parts}), ${seconds} s`);
  }
} catch (error) {
  if (error.name !== 'MillraceError') throw error;
  console.error(renderIssues(error.issues));
  process.exitCode = error.exitCode;
}
