// Validates the synthesised templates with programs that know AWS: `npm run validate -- [--env NAME]...`. Status 1 if one finds a fault.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { environments } from '../environments.ts';
import { functions } from '../lambdas/functions.ts';
import { renderIssues } from '../lib/cli/issues.ts';
import { synthesised } from '../lib/cli/synthesis.ts';
import { environmentNamed } from '../lib/environment/environment.ts';
import { MillraceError } from '../lib/errors.ts';
import { type CheckovReport, judge, unusedReasons } from '../validation/checkov.ts';
import { project, setup } from './setup.mjs';

const shipped = Object.keys(environments);
const { values } = parseArgs({ options: { env: { type: 'string', multiple: true, default: shipped } } });
// A fresh clone has neither.
setup({ twin: true, checkov: true });

/** Runs a program of an environment. Returns its status and its output. */
function program(environment: string, name: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(path.join(project, environment, 'bin', name), args, {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  return { status, stdout: stdout ?? '', text: `${stdout ?? ''}${stderr ?? ''}`.trim() };
}

/** Syntax and properties of resources. Excluded, because CDK writes it and it has no effect: W3005, a DependsOn beside a Ref; W3694, Fn::Join for Fn::Sub. */
function cfnLint(templates: string[], region: string): string[] {
  const fixed = ['--non-zero-exit-code', 'informational', '--format', 'parseable', '--ignore-checks', 'W3005', 'W3694'];
  const { status, text } = program('.venv-twin', 'cfn-lint', ...fixed, '--regions', region, '--', ...templates);
  return status === 0 ? [] : [text || `cfn-lint ended with status ${status}`];
}

/** Arguments of the state machines' calls, and statements of policies. */
function awsModels(templates: string[]): string[] {
  const { status, text } = program(
    '.venv-twin',
    'python',
    path.join(project, 'validation', 'aws_models.py'),
    ...templates,
  );
  return status === 0 ? [] : [text || `aws_models.py ended with status ${status}`];
}

const used = new Set<string>();

/** Security, beside cdk-nag. */
function checkov(templates: string[]): string[] {
  const fixed = ['--framework', 'cloudformation', '--compact', '--skip-download', '--output', 'json', '--soft-fail'];
  // Not its script, whose first line cannot name a folder with a blank.
  const { stdout, text } = program('.venv-checkov', 'python', '-m', 'checkov.main', ...fixed, '--file', ...templates);
  let report: CheckovReport;
  try {
    report = JSON.parse(stdout) as CheckovReport;
  } catch {
    return [`checkov wrote no report: ${text.slice(-500)}`];
  }
  return judge(report, templates.length, used);
}

try {
  for (const name of values.env) {
    const environment = environmentNamed(environments, name);
    // CDK's own rules are tested separately, and take most of the time.
    await synthesised(environment, functions, false, ({ templates }) => {
      const checks = { 'cfn-lint': cfnLint, "AWS's models": awsModels, checkov };
      for (const [title, check] of Object.entries(checks)) {
        const started = performance.now();
        const found = check(templates, environment.region);
        const seconds = ((performance.now() - started) / 1000).toFixed(1);
        const line = `${name.padEnd(8)} ${title.padEnd(12)} ${templates.length} templates`;
        if (found.length === 0) console.log(`${line}, nothing found, ${seconds} s`);
        else {
          console.error(`${line}\n${found.join('\n')}`);
          process.exitCode = 1;
        }
      }
    });
  }
  if (shipped.every((name) => values.env.includes(name))) {
    for (const fault of unusedReasons(used)) {
      console.error(fault);
      process.exitCode = 1;
    }
  }
} catch (error) {
  if (!(error instanceof MillraceError)) throw error;
  console.error(renderIssues(error.issues));
  process.exitCode = error.exitCode;
}
