import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type App, Stack } from 'aws-cdk-lib';
import { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { expect, test } from 'vitest';
import { environments } from '../../environments.ts';
import { functions } from '../../lambdas/functions.ts';
import { environmentNamed } from '../../lib/environment/environment.ts';
import { projectFolder } from '../../lib/local/root.ts';
import { environmentStacks, millraceApp } from '../../lib/stacks/environment-stacks.ts';
import { clicks } from './clicks.ts';
import { analysts, churn, entries } from './synthesised.ts';

/** Findings of CDK's own rules and of CloudFormation's schemas. Other tests skip them, because they take seconds. */
function judged(fill: (app: App) => void): { stacks: string[]; broken: string[] } {
  delete process.env['CDK_VALIDATION'];
  const outdir = mkdtempSync(path.join(tmpdir(), 'millrace-whole-'));
  const app = millraceApp(outdir);
  fill(app);
  const stacks = app.synth().stacks.map((stack) => stack.stackName);
  const report = JSON.parse(readFileSync(path.join(outdir, 'validation-report.json'), 'utf8'));
  const broken = (report.pluginReports as { violations: { ruleName: string }[] }[]).flatMap(({ violations }) =>
    violations.map(({ ruleName }) => ruleName),
  );
  return { stacks, broken };
}

const shipped = {
  dev: ['data', 'network', 'pipeline-churn', 'ingestion', 'monitoring'],
  staging: ['data', 'network', 'cluster', 'pipeline-churn', 'ingestion', 'monitoring'],
  prod: ['data', 'pipeline-churn', 'ingestion', 'monitoring'],
  twin: ['data', 'pipeline-churn', 'ingestion', 'monitoring'],
};

test('every environment is judged below', () => {
  expect(Object.keys(environments)).toEqual(Object.keys(shipped));
});

test.each(Object.entries(shipped))("%s passes CloudFormation's schemas and CDK's own rules", (name, parts) => {
  const { stacks, broken } = judged((app) => {
    const environment = environmentNamed(environments, name);
    environmentStacks(app, { environment, plans: [churn], projectFolder, entries, functions });
  });
  expect(broken).toEqual([]);
  expect(stacks).toEqual(parts.map((part) => `millrace-${name}-${part}`));
});

test('an environment with a persistent cluster, an application and readers passes too', () => {
  const { stacks, broken } = judged((app) => {
    const more = { stages: { build: 'emr', predict: 'emr-serverless' } as const, readers: [analysts] };
    const environment = { ...environmentNamed(environments, 'staging'), ...more };
    environmentStacks(app, { environment, plans: [churn], projectFolder, entries, functions });
  });
  expect(broken).toEqual([]);
  expect(stacks).toEqual(shipped.staging.map((part) => `millrace-staging-${part}`));
});

test('an environment with streams, some with shards, passes too', () => {
  const { stacks, broken } = judged((app) => {
    const environment = { ...environmentNamed(environments, 'prod'), streams: { capacity: { shards: 2 } } };
    environmentStacks(app, { environment, plans: [clicks], projectFolder, entries, functions });
  });
  expect(broken).toEqual([]);
  expect(stacks).toEqual(['data', 'pipeline-clicks', 'ingestion', 'monitoring'].map((part) => `millrace-prod-${part}`));
});

test('a violation would be found', () => {
  const wrong = (app: App) => {
    const code = { zipFile: 'exports.handler = () => {}' };
    new CfnFunction(new Stack(app, 'S'), 'F', {
      code,
      role: 'arn:aws:iam::1:role/r',
      runtime: 'nodejs24.x',
      timeout: 901,
    });
  };
  expect(() => judged(wrong)).toThrow('alidation');
});
