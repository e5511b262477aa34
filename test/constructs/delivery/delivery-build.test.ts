import { DeliveryBuild } from 'millrace/constructs';
import { expect, test } from 'vitest';
import { keyArn, onlyOf, plainStack, resourcesFor } from '../alone.ts';

const { stack, key } = plainStack();
new DeliveryBuild(stack, 'Build', {
  projectName: 'acme-tests',
  commands: ['npm test', 'npm run lint'],
  artefactsArn: 'arn:aws:s3:::acme-artefacts',
  key,
  permissions: [{ actions: ['sts:AssumeRole'], resources: ['arn:aws:iam::111122223333:role/deploy'] }],
  minutes: 45,
});
const project = onlyOf(stack, 'AWS::CodeBuild::Project');

test('a build runs its commands in order, and stops at the first failure', () => {
  const { phases } = JSON.parse(project.Source.BuildSpec);
  expect(phases.build).toEqual({
    'on-failure': 'ABORT',
    commands: ['set -euo pipefail', 'npm test', 'npm run lint'],
  });
  expect(phases.install['runtime-versions']).toEqual({ nodejs: 22, python: '3.12' });
});

test('it runs on ARM, has a timeout, and is encrypted', () => {
  expect(project).toMatchObject({
    Name: 'acme-tests',
    TimeoutInMinutes: 45,
    EncryptionKey: keyArn,
    Environment: { Type: 'ARM_CONTAINER', ComputeType: 'BUILD_GENERAL1_LARGE', PrivilegedMode: false },
    Source: { Type: 'CODEPIPELINE' },
  });
});

test('its log is kept when the stack is deleted', () => {
  expect(onlyOf(stack, 'AWS::Logs::LogGroup')).toMatchObject({
    LogGroupName: '/millrace/delivery/acme-tests',
    RetentionInDays: 400,
  });
});

test('it may read its input, write its log, and do what it is granted', () => {
  expect(resourcesFor(stack, 's3:GetObject')).toEqual(['arn:aws:s3:::acme-artefacts/*']);
  expect(resourcesFor(stack, 'sts:AssumeRole')).toEqual(['arn:aws:iam::111122223333:role/deploy']);
  expect(resourcesFor(stack, 'logs:PutLogEvents').every((resource) => resource.includes('BuildLogs'))).toBe(true);
});
