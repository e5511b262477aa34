import type { App } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks, HIPAASecurityChecks, NIST80053R5Checks, PCIDSS321Checks, ServerlessChecks } from 'cdk-nag';
import { describe, expect, test } from 'vitest';
import { environments } from '../../environments.ts';
import { type Delivery, DeliveryStack } from '../../lib/stacks/delivery-stack.ts';
import { millraceApp } from '../../lib/stacks/environment-stacks.ts';
import { resources } from './synthesised.ts';

const connectionArn = 'arn:aws:codeconnections:eu-central-1:111122223333:connection/0a1b2c3d';
const elsewhere = 'eu-west-1';
const packs = [AwsSolutionsChecks, ServerlessChecks, HIPAASecurityChecks, NIST80053R5Checks, PCIDSS321Checks];

function made(by: Delivery['by']): { app: App; template: Template } {
  process.env['CDK_VALIDATION'] = 'false';
  const app = millraceApp();
  const stack = new DeliveryStack(app, 'millrace-delivery', {
    env: { account: '111122223333', region: 'eu-central-1' },
    delivery: { repository: 'owner/millrace', by },
    prefix: 'millrace-delivery',
    environments: [
      environments.dev,
      environments.staging,
      { ...environments.prod, account: '444455556666', region: elsewhere },
    ],
  });
  return { app, template: Template.fromStack(stack) };
}

const findings = (app: App) =>
  packs.flatMap((Pack) =>
    new Pack(app)
      .validateScope(app)
      .violations.flatMap(({ ruleName, violatingResources }) =>
        violatingResources.map((resource) => `${ruleName} ${(resource as { constructPath?: string }).constructPath}`),
      ),
  );

describe('by CodePipeline', () => {
  const { app, template } = made({ kind: 'pipeline', connectionArn, branch: 'main' });
  const [pipeline] = Object.values(resources(template, 'AWS::CodePipeline::Pipeline'));
  const stages = pipeline!.Properties.Stages as { Name: string; Actions: { Name: string; RunOrder?: number }[] }[];

  test('checks, then deploys to each environment, with an approval before all but the first', () => {
    expect(stages.map(({ Name, Actions }) => [Name, ...Actions.map((action) => action.Name)])).toEqual([
      ['Source', 'Checkout'],
      ['Checks', 'Synth', 'Tests', 'Twin'],
      ['dev', 'Diff-dev', 'Deploy-dev'],
      ['staging', 'Diff-staging', 'Approve', 'Deploy-staging'],
      ['prod', 'Diff-prod', 'Approve', 'Deploy-prod'],
    ]);
    for (const { Name, Actions } of stages.slice(1))
      expect([Name, ...Actions.map((action) => action.RunOrder)]).toEqual([Name, ...Actions.map((_, i) => i + 1)]);
    expect(pipeline!.Properties).toMatchObject({ PipelineType: 'V2', ExecutionMode: 'SUPERSEDED' });
  });

  test('only the builds that deploy to an account may assume roles there, and only those of the bootstrap', () => {
    const policies = Object.entries(resources(template, 'AWS::IAM::ManagedPolicy'));
    const assuming = policies.flatMap(([id, { Properties }]) =>
      (Properties.PolicyDocument.Statement as { Action: string; Resource: unknown }[])
        .filter(({ Action }) => Action === 'sts:AssumeRole')
        .map(({ Resource }) => ({ id, text: JSON.stringify(Resource) })),
    );
    expect(assuming.map(({ id }) => id.replace(/Service.*/, '')).sort()).toEqual(
      ['Deploydev', 'Deployprod', 'Deploystaging', 'Diffdev', 'Diffprod', 'Diffstaging'].sort(),
    );
    for (const { id, text } of assuming) {
      expect(text.match(/cdk-hnb659fds-[a-z-]+-role/g)).toHaveLength(3);
      expect(text.includes('444455556666')).toBe(id.includes('prod'));
      expect(text.includes(elsewhere)).toBe(id.includes('prod'));
      expect(text).not.toContain('*');
    }
  });

  test('compares and deploys in the region of each environment, whatever the region of the builds', () => {
    const projects = Object.values(resources(template, 'AWS::CodeBuild::Project'));
    const commandsOf = (name: string) => {
      const { Source } = projects.find(({ Properties }) => Properties.Name === `millrace-delivery-${name}`)!.Properties;
      return (JSON.parse(Source.BuildSpec) as { phases: { build: { commands: string[] } } }).phases.build.commands;
    };
    const there = `AWS_REGION=${elsewhere} AWS_DEFAULT_REGION=${elsewhere}`;
    const fixed = ['set -euo pipefail', 'node scripts/setup.mjs'];
    expect(commandsOf('diff-prod')).toEqual([...fixed, `${there} npm run diff -- --env prod`]);
    expect(commandsOf('deploy-prod')).toEqual([...fixed, `${there} npm run deploy -- --env prod`]);
    expect(commandsOf('synth').slice(2)).toEqual(['npm run synth -- --limit 15', 'npm run validate']);
  });

  test('runs each build without Docker, with a separate role and key', () => {
    const projects = Object.values(resources(template, 'AWS::CodeBuild::Project'));
    expect(projects).toHaveLength(9);
    for (const { Properties } of projects) {
      expect(Properties.Environment.PrivilegedMode).toBe(false);
      expect(Properties.EncryptionKey).toBeDefined();
    }
    expect(new Set(projects.map(({ Properties }) => JSON.stringify(Properties.ServiceRole))).size).toBe(9);
  });

  test('breaks no rule of five packs', () => expect(findings(app)).toEqual([]));
});

describe('by GitHub Actions', () => {
  const { app, template } = made({ kind: 'github' });

  test("a role is for jobs of this repository's three environments, and no access key is created", () => {
    template.hasResourceProperties('AWS::IAM::Role', {
      MaxSessionDuration: 3600,
      AssumeRolePolicyDocument: {
        Statement: [
          Match.objectLike({
            Action: 'sts:AssumeRoleWithWebIdentity',
            Condition: {
              StringEquals: {
                'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com',
                'token.actions.githubusercontent.com:sub': ['dev', 'staging', 'prod'].map(
                  (name) => `repo:owner/millrace:environment:${name}`,
                ),
              },
            },
          }),
        ],
      },
    });
    template.resourceCountIs('AWS::IAM::AccessKey', 0);
    template.resourceCountIs('AWS::CodePipeline::Pipeline', 0);
  });

  test('breaks no rule of five packs', () => expect(findings(app)).toEqual([]));
});
