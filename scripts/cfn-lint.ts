// cfn-lint over the synthesised templates: `npm run cfn-lint -- [--env NAME]... [--command PATH]`. Status 1 where it finds any.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { environments } from '../environments.ts';
import { functions } from '../lambdas/functions.ts';
import { renderIssues } from '../lib/cli/issues.ts';
import { synthesised } from '../lib/cli/synthesis.ts';
import { environmentNamed } from '../lib/environment/environment.ts';
import { MillraceError } from '../lib/errors.ts';
import { project, setup } from './setup.mjs';

const { values } = parseArgs({
  options: {
    env: { type: 'string', multiple: true, default: ['dev', 'staging', 'prod'] },
    command: { type: 'string' },
  },
});
// It lies in the environment of the twin, which a fresh clone does not have yet.
if (values.command === undefined) setup({ twin: true });
const command = values.command ?? path.join(project, '.venv-twin', 'bin', 'cfn-lint');
if (!existsSync(command)) {
  console.error(`MR650  ${command}: there is no cfn-lint\n  try   leave out --command: set-up installs one`);
  process.exit(5);
}

// What CDK writes itself and what changes nothing: W3005, a DependsOn beside a Ref; W3694, Fn::Join where Fn::Sub would do.
const fixed = ['--non-zero-exit-code', 'informational', '--format', 'parseable', '--ignore-checks', 'W3005', 'W3694'];

try {
  for (const name of values.env) {
    const environment = environmentNamed(environments, name);
    // CDK's own rules are tested separately, and take most of the time.
    await synthesised(environment, functions, false, ({ templates }) => {
      const started = performance.now();
      const args = [...fixed, '--regions', environment.region, '--', ...templates];
      const found = spawnSync(command, args, { encoding: 'utf8' });
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      if (found.status === 0) {
        console.log(`${name.padEnd(8)} ${templates.length} templates, nothing found, ${seconds} s`);
        return;
      }
      const text = `${found.stdout ?? ''}${found.stderr ?? ''}`.trim();
      console.error(`${name}: cfn-lint ended with status ${found.status}\n${text}`);
      process.exitCode = 1;
    });
  }
} catch (error) {
  if (!(error instanceof MillraceError)) throw error;
  console.error(renderIssues(error.issues));
  process.exitCode = error.exitCode;
}
