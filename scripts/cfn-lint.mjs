// cfn-lint over the synthesised templates: `node scripts/cfn-lint.mjs [--env NAME]... [--command PATH]`. Status 1 where it finds any.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { createJiti } from 'jiti';

const { values } = parseArgs({
  options: {
    env: { type: 'string', multiple: true, default: ['dev', 'staging', 'prod'] },
    command: { type: 'string' },
  },
});
const jiti = createJiti(import.meta.url);
const load = (file) => jiti.import(path.join('..', file));
const { environments } = await load('environments.ts');
const { environmentNamed } = await load('lib/stacks/environment.ts');
const { environmentStacks, millraceApp } = await load('lib/stacks/environment-stacks.ts');
const { loadPlan } = await load('lib/local/load.ts');
const { projectFolder } = await load('lib/local/root.ts');
const { renderIssues } = await load('lib/cli/issues.ts');

const command = values.command ?? path.join(projectFolder, '.venv-twin', 'bin', 'cfn-lint');
if (!existsSync(command)) {
  console.error(`MR650  ${command}: there is no cfn-lint\n  try   npm run setup -- --twin`);
  process.exit(5);
}
// CDK's own rules are a test of their own, and take most of the time.
process.env.CDK_VALIDATION = 'false';
try {
  for (const name of values.env) {
    const environment = environmentNamed(environments, name);
    const plans = await Promise.all(environment.pipelines.map((pipeline) => loadPlan(pipeline)));
    const folder = mkdtempSync(path.join(tmpdir(), `millrace-lint-${name}-`));
    const app = millraceApp(folder);
    environmentStacks(app, { environment, plans, projectFolder });
    const { stacks } = app.synth();
    const templates = stacks.map((stack) => path.join(folder, stack.templateFile));
    const args = ['--non-zero-exit-code', 'informational', '--format', 'parseable'];
    // W3005: an explicit DependsOn beside a Ref, which CDK writes itself and which changes nothing.
    const found = spawnSync(
      command,
      [...args, '--ignore-checks', 'W3005', '--regions', environment.region, '--', ...templates],
      {
        encoding: 'utf8',
      },
    );
    const text = `${found.stdout ?? ''}${found.stderr ?? ''}`.trim();
    if (found.status !== 0) {
      console.error(`${name}: cfn-lint ended with status ${found.status}\n${text}`);
      process.exitCode = 1;
    } else console.log(`${name.padEnd(8)} ${templates.length} templates, nothing found`);
    rmSync(folder, { recursive: true, force: true });
  }
} catch (error) {
  if (error.name !== 'MillraceError') throw error;
  console.error(renderIssues(error.issues));
  process.exitCode = error.exitCode;
}
