import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { expect, test } from 'vitest';
import { ServiceRole } from '../../lib/constructs/service-role.ts';
import type { Permission } from '../../lib/permissions/permission.ts';

process.env['CDK_VALIDATION'] = 'false';

const roleWith = (...permissions: Permission[]) => {
  const stack = new Stack(new App(), 'S');
  return { stack, role: new ServiceRole(stack, 'R', { service: 'lambda.amazonaws.com', permissions }) };
};

test('a wildcard in actions is refused', () => {
  expect(() => roleWith({ actions: ['s3:Get*'], resources: ['arn:aws:s3:::b/k'] })).toThrow(
    'S/R has the wildcard action s3:Get*',
  );
});

test('a wildcard in resources is refused without a reason', () => {
  expect(() => roleWith({ actions: ['s3:GetObject'], resources: ['arn:aws:s3:::b/*'] })).toThrow('set "why"');
  expect(() => roleWith({ actions: ['s3:GetObject'], resources: ['arn:aws:s3:::b/*'], why: 'keys' })).not.toThrow();
});

test('nothing adds permissions to the role', () => {
  const { stack, role } = roleWith({ actions: ['sqs:SendMessage'], resources: ['arn:aws:sqs:eu-central-1:1:q'] });
  new Bucket(stack, 'B').grantReadWrite(role.role);
  const template = Template.fromStack(stack);
  template.resourceCountIs('AWS::IAM::Policy', 0);
  template.hasResourceProperties('AWS::IAM::ManagedPolicy', {
    PolicyDocument: {
      Statement: [{ Action: 'sqs:SendMessage', Effect: 'Allow', Resource: 'arn:aws:sqs:eu-central-1:1:q' }],
    },
  });
});
